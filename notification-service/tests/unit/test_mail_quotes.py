"""What of an answer is new."""

import pytest
from notification_service.adapters.mail_child import STEP_SECONDS, LimitedLibraries
from notification_service.domain.mail.quotes import MARKER, new_text

QUOTE = f"> {MARKER}\n>\n> How is it?\n"
ATTRIBUTIONS = [
    "El lun, 2 nov 2026 a las 9:00, Desk (<desk@company.example>) escribió:",
    "W dniu pon., 2 lis 2026 o 09:00 Desk <desk@company.example> napisał(a):",
    "Em seg., 2 de nov. de 2026 às 09:00, Desk <desk@company.example>\nescreveu:",
    "On Mon, Nov 2, 2026 at 9:00 AM Desk <desk@company.example> wrote:",
    "Am 02.11.2026 um 09:00 schrieb Desk <desk@company.example>:",
    "Le lun. 2 nov. 2026 à 09:00, Desk <desk@company.example> a écrit :",
    "Il giorno lun 2 nov 2026 alle ore 09:00 Desk <desk@company.example> ha scritto:",
    "Op ma 2 nov 2026 om 09:00 schreef Desk <desk@company.example>:",
    "Den mån 2 nov. 2026 kl 09:00 skrev Desk <desk@company.example>:",
]


def new(text: str) -> str:
    return new_text(text, LimitedLibraries().strip_quotes)


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_the_quoted_mail_and_its_introduction_are_cut(attribution: str) -> None:
    assert new(f"It works again.\n\n{attribution}\n{QUOTE}") == "It works again."


def test_outlook_headers_are_cut() -> None:
    text = "It works again.\n\n-----Original Message-----\nFrom: Desk\nSent: Monday\nTo: Ann\nSubject: x\n\nHow is it?"
    assert new(text) == "It works again."


def test_the_marker_suffices_in_any_language() -> None:
    assert new(f"Funktsioneerib jälle.\n\n{MARKER}\n\nKuidas läheb?") == "Funktsioneerib jälle."
    assert new(f"It works again.\n{QUOTE}") == "It works again."


def test_answers_between_the_lines_are_kept() -> None:
    text = "> Is it on?\nYes, it is.\n> Is it red?\nNo, it is green."
    assert "Yes, it is." in new(text)
    assert "No, it is green." in new(text)


@pytest.mark.parametrize("attribution", [*ATTRIBUTIONS, "Am 02.11.2026 um 09:00 schrieb Desk:"])
@pytest.mark.parametrize("quote", [QUOTE, "> How is it?\n", "\n> How is it?\n\n> All well?\n"])
def test_a_quote_above_the_answer_is_cut(attribution: str, quote: str) -> None:
    assert new(f"{attribution}\n{quote}\nIt works again.\n\n-- \nAnn of Customer Ltd") == "It works again."


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_a_greeting_above_the_quote_hides_no_answer_below_it(attribution: str) -> None:
    text = f"Hi Desk,\n\n{attribution}\n{QUOTE}\nIt works again.\n"
    assert new(text) == "Hi Desk,\n\nIt works again."


@pytest.mark.parametrize(
    "text",
    [
        f"{ATTRIBUTIONS[3]}\n> Is it on?\n\nYes, it is.\n\n> Is it red?\n\nNo, it is green.",
        f"{ATTRIBUTIONS[3]}\n> How is it?\n",
        f"{ATTRIBUTIONS[3]}\n> How is it?\n\nThanks",
        "You asked me:\n> Is it on?\n\nYes, it is.",
        "> Is it on?\n\nYes, it is.",
    ],
)
def test_a_quote_above_is_kept_where_the_answer_needs_it(text: str) -> None:
    assert new(text).split() == text.split()


@pytest.mark.parametrize("text", [f"{MARKER}\nIt works again", "> all of it\n> is quoted", f"ok\n{MARKER}\nold words"])
def test_everything_is_shown_where_too_little_would_remain(text: str) -> None:
    assert new(text) == text


def test_a_signature_is_cut() -> None:
    assert new("It works again.\n\n-- \nAnn\nCustomer Ltd") == "It works again."
    assert new("-- \nAnn of Customer Ltd") == "-- \nAnn of Customer Ltd"


def test_a_hostile_text_takes_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from notification_service.adapters import mail_libraries

    def slow(_text: str) -> str:
        while True:
            pass

    assert STEP_SECONDS <= 2
    assert new("On " + "x " * 32_000).startswith("On x")
    monkeypatch.setattr(mail_libraries, "strip_quotes", slow)
    assert new("It works again.\n> old") == "It works again."
