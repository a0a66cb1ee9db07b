"""What is asked for, and which texts hold such a thing."""

import pytest
from rag_service.domain.answering.answer_kind import asked_kind, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much is the gym allowance?", "amount"),
        ("What is the yearly training budget?", "amount"),
        ("Wie viele Urlaubstage habe ich?", "amount"),
        ("Was kostet das Tor?", "amount"),
        ("Combien coûte un badge ?", "amount"),
        ("¿Cuántos días tengo?", "amount"),
        ("Quanto costa la porta?", "amount"),
        ("Hoeveel kost het slot?", "amount"),
        ("When does the depot close?", "time"),
        ("Bis wann muss ich das melden?", "time"),
        ("À quelle heure ouvre la cantine ?", "time"),
        ("¿A qué hora cierra?", "time"),
        ("Wanneer sluit de balie?", "time"),
        ("Who signs the lease?", "person"),
        ("Wer genehmigt Reisen?", "person"),
        ("¿Quién aprueba los viajes?", "person"),
        ("Where is the archive?", "place"),
        ("Wo finde ich das Formular?", "place"),
        ("What is the extension of Olga?", "contact"),
        ("Welche Durchwahl hat Anna Weber?", "contact"),
        ("Is smoking allowed?", "decision"),
        ("Darf ich im Lager essen?", "decision"),
        ("Puis-je annuler ?", "decision"),
        ("How do I reset it?", "steps"),
        ("What should I do when it beeps?", "steps"),
        ("Was tun bei Papierstau?", "steps"),
        ("Comment exporter la liste ?", "steps"),
        ("Hoe stel ik de printer in?", "steps"),
        ("The printer in the hall jams again and again.", "steps"),
        ("Why is it blocked?", "reason"),
        ("Which supplier sells hinges?", "anything"),
        ("printer hall name", "anything"),
    ],
)
def test_the_question_word_says_what_is_asked_for(question: str, kind: str) -> None:
    assert asked_kind(question) == kind


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("amount", "It costs 12 EUR.", "Ask your lead first."),
        ("amount", "Badges are free of charge.", "Keep the kitchen tidy."),
        ("time", "Closed on Fridays.", "Keep the kitchen tidy."),
        ("time", "Der Antrag läuft bis 31. März.", "Halten Sie Ordnung."),
        ("contact", "Write to help@corp.example.", "Ask your lead first."),
    ],
)
def test_a_text_holds_such_a_thing_or_not(kind: str, yes: str, no: str) -> None:
    assert holds(kind, yes)  # type: ignore[arg-type]
    assert not holds(kind, no)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["The room holds forty. It is let by the hour.", "It changes on 1 April and 1 October."]
)
def test_a_pronoun_and_a_month_are_nobody(text: str) -> None:
    assert not holds("person", text)


@pytest.mark.parametrize("text", ["Ask IT for it.", "Call Hedda Lind.", "See April Moore.", "Lena collects offers."])
def test_a_department_and_a_name_are_somebody(text: str) -> None:
    assert holds("person", text)


def test_hours_in_words_are_a_time() -> None:
    assert holds("time", "We open at eight and are there until six.")


def test_which_without_a_question_mark_reports_nothing() -> None:
    assert asked_kind("which of the tents sleeps twelve") == "anything"


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("The fire drill takes place on 25 June at 11:00.", False),
        ("The fire drill begins on the lawn at 11:00.", True),
        ("Deliveries arrive at 4 Mill Row.", True),
    ],
)
def test_a_time_with_its_preposition_is_no_place(text: str, *, is_place: bool) -> None:
    assert holds("place", text) is is_place
