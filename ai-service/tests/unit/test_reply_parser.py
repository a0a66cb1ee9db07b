"""The author's part of a mail, in the languages of mail programs."""

import time

import pytest
from ai_service.domain.authored_text import authored_text
from ai_service.domain.cascade import ClassifierCascade
from ai_service.domain.departments import current
from ai_service.domain.mail.reply_parser import READ_CHARACTERS, authored_part
from ai_service.domain.priority.decision import prioritize
from hypothesis import given
from hypothesis import strategies as st

NEW = "The toilet on floor 2 is leaking."
OLD = "URGENT: my VPN password and the laptop software do not work"

INTRODUCTIONS = {
    "Outlook, English": "-----Original Message-----\nFrom: Anna\nSent: Monday, 4 May 2026\nTo: Desk\nSubject: VPN\n",
    "Outlook without a line": "From: Anna <anna@x.example>\nSent: Monday, 4 May 2026\nTo: Desk\nSubject: VPN\n",
    "Outlook with a rule": "________________________________\nFrom: Anna\nSent: Monday\nTo: Desk\nSubject: VPN\n",
    "Outlook, bold": "*From:* Anna <anna@x.example>\n*Sent:* Monday\n*To:* Desk\n*Subject:* VPN\n",
    "Outlook, German": "Von: Anna Meier\nGesendet: Montag, 4. Mai 2026 10:12\nAn: Desk\nBetreff: VPN\n",
    "one line, German": "Von: Anna Meier Gesendet: Montag, 4. Mai 2026 An: Desk Betreff: VPN",
    "line, German": "-----Ursprüngliche Nachricht-----\nVon: Anna Meier\nGesendet: Montag\nBetreff: VPN\n",
    "Outlook, French": "De : Anna Meier\nEnvoyé : lundi 4 mai 2026 10:12\nÀ : Desk\nObjet : VPN\n",
    "line, French": "-----Message d'origine-----\nDe : Anna\nEnvoyé : lundi\nObjet : VPN\n",
    "Outlook, Spanish": "De: Anna Meier\nEnviado: lunes, 4 de mayo de 2026\nPara: Desk\nAsunto: VPN\n",
    "line, Spanish": "-----Mensaje original-----\nDe: Anna\nEnviado el: lunes\nAsunto: VPN\n",
    "Outlook, Turkish": "Gönderen: Anna Meier\nGönderildi: 4 Mayıs 2026 Pazartesi\nKime: Desk\nKonu: VPN\n",
    "Turkish, Kimden": "Kimden: Anna Meier <anna@x.example>\nTarih: 4 Mayıs 2026\nKime: Desk\nKonu: VPN\n",
    "line, Turkish": "----- Orijinal Mesaj -----\nKimden: Anna\nTarih: 4 Mayıs\n",
    "Outlook, Italian": "Da: Anna Meier\nInviato: lunedì 4 maggio 2026\nA: Desk\nOggetto: VPN\n",
    "Outlook, Dutch": "Van: Anna Meier\nVerzonden: maandag 4 mei 2026\nAan: Desk\nOnderwerp: VPN\n",
    "Outlook, Portuguese": "De: Anna Meier\nEnviada em: segunda-feira\nPara: Desk\nAssunto: VPN\n",
    "Outlook, Polish": "Od: Anna Meier\nWysłano: poniedziałek\nDo: Desk\nTemat: VPN\n",
    "Gmail": "On Mon, 4 May 2026 at 10:12, Anna Meier <anna@x.example> wrote:\n",
    "Gmail over two lines": "On Mon, 4 May 2026 at 10:12, Anna Katharina Meier-Müller\n<anna@x.example> wrote:\n",
    "Thunderbird, German": "Am 04.05.26 um 10:12 schrieb Anna Meier:\n",
    "Gmail, German": "Am Mo., 4. Mai 2026 um 10:12 Uhr schrieb Anna Meier <anna@x.example>:\n",
    "Gmail, French": "Le lun. 4 mai 2026 à 10:12, Anna Meier <anna@x.example> a écrit :\n",
    "Gmail, Spanish": "El lun, 4 may 2026 a las 10:12, Anna Meier (<anna@x.example>) escribió:\n",
    "Gmail, Turkish": "Anna Meier <anna@x.example>, 4 May 2026 Pzt, 10:12 tarihinde şunu yazdı:\n",
    "Gmail, Italian": "Il giorno lun 4 mag 2026 alle ore 10:12 Anna Meier <anna@x.example> ha scritto:\n",
    "Gmail, Dutch": "Op ma 4 mei 2026 om 10:12 schreef Anna Meier <anna@x.example>:\n",
    "Gmail, Portuguese": "Em seg., 4 de mai. de 2026 às 10:12, Anna Meier <anna@x.example> escreveu:\n",
    "Gmail, Polish": "pon., 4 maj 2026 o 10:12 Anna Meier <anna@x.example> napisał(a):\n",
    "Apple Mail": "On 4 May 2026, at 10:12, Anna Meier <anna@x.example> wrote:\n\n",
    "Apple, forwarded": "Begin forwarded message:\n\nFrom: Anna <anna@x.example>\nSubject: VPN\nDate: 4 May 2026\n",
    "Gmail, forwarded": "------- Forwarded message -------\nFrom: Anna <a@x.example>\nDate: Mon, 4 May\nSubject: VPN\n",
    "German, forwarded": "------- Weitergeleitete Nachricht -------\nVon: Anna <a@x.example>\nBetreff: VPN\n",
}
ENDS = {
    "signature": "-- \nAnna Meier\nVPN and laptop team\nhttps://printer.example",
    "sign-off": "Kind regards,\nAnna Meier\nIT Software and Network Team\nPhone 555-0199",
    "sign-off, German": "Mit freundlichen Grüßen\nBernd Netzwerk\nLaptop GmbH",
    "sign-off, French": "Cordialement,\nJean Logiciel\nImprimante SA",
    "sign-off, Spanish": "Saludos cordiales\nJuan\nImpresora SL",
    "sign-off, Turkish": "Saygılarımla,\nAli\nYazıcı A.Ş.",
    "laptop": "Sent from my laptop",
    "iPhone": "Sent from my iPhone",
    "iPhone, German": "Von meinem iPhone gesendet",
    "mobile, German": "Gesendet mit der Laptop Software",
    "iPhone, French": "Envoyé de mon ordinateur",
    "iPhone, Spanish": "Enviado desde mi ordenador",
    "iPhone, Turkish": "Bilgisayarımdan gönderildi",
    "Outlook": "Get Outlook for iOS",
    "disclaimer": "This e-mail and its attachments are confidential and intended solely for the recipient. "
    "We scan for virus and malware; the software and the network are ours.",
    "disclaimer, German": "Diese E-Mail enthält vertrauliche Informationen. Unsere Software prüft auf Malware.",
    "printing": "Please consider the environment before printing this on your printer or laptop.",
}  # fmt: skip


def department(text: str) -> str:
    return ClassifierCascade().decide(authored_text("Hello", text), current([])).classification.department


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_quoted_mail_decides_nothing(introduction: str, line_end: str) -> None:
    text = f"{NEW}\n\n{introduction}\n{OLD}\n{OLD}".replace("\n", line_end)
    assert authored_part(text) == NEW
    assert department(text) == "Facilities"
    assert prioritize(authored_text("Hello", text)).priority == "low"


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_a_ticket_that_is_only_a_forwarded_mail_is_read_by_that_mail(introduction: str) -> None:
    assert authored_part(f"{introduction}\n{OLD}") == OLD
    for handed_on in ("FYI", "see below", "Bitte um Bearbeitung, siehe unten.", "Voir ci-dessous", "Bilginize"):
        assert OLD in authored_part(f"{handed_on}\n\n{introduction}\n{OLD}\n\nBest regards\nAnna")
        assert department(f"{handed_on}\n\n{introduction}\n{OLD}") == "IT Support"


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_signatures_devices_and_disclaimers_are_not_the_writers_words(end: str) -> None:
    assert authored_part(f"{NEW}\n\n{end}") == NEW
    assert department(f"{NEW}\n\n{end}") == "Facilities"


@pytest.mark.parametrize(
    "text",
    [
        f"{NEW} -----Original Message----- From: Anna Sent: Monday Subject: VPN {OLD}",
        f"{NEW} -----Ursprüngliche Nachricht----- {OLD}",
        f"{NEW} Von: Anna Meier Gesendet: Montag, 4. Mai 2026 An: Desk Betreff: VPN {OLD}",
        f"{NEW} From: Anna Meier Sent: Monday, 4 May 2026 To: Desk Subject: VPN {OLD}",
        f"{NEW} De : Anna Envoyé : lundi 4 mai Objet : VPN {OLD}",
        f"{NEW} On Mon, 4 May 2026 at 10:12, Anna <anna@x.example> wrote: {OLD}",
        f"{NEW} Am 04.05.2026 um 10:12 schrieb Anna Meier: {OLD}",
        f"{NEW}\r\r-----Original Message-----\rFrom: Anna\rSent: Monday\r\r{OLD}",
    ],
)
def test_markers_are_found_inside_joined_lines(text: str) -> None:
    assert authored_part(text) == NEW


def test_answers_between_quoted_lines_are_all_read() -> None:
    text = "On 4 May 2026, Anna wrote:\n> Is the VPN down?\nNo, the tap drips.\n> The laptop?\nThe sink too."
    assert authored_part(text) == "No, the tap drips.\nThe sink too."


def test_a_device_behind_the_last_sentence_is_left_out() -> None:
    assert authored_part(f"{NEW} Sent from my laptop") == NEW
    assert authored_part("I get mails sent from my laptop twice") == "I get mails sent from my laptop twice"


def test_a_warning_before_the_text_is_left_out() -> None:
    warning = "CAUTION: This email originated from outside of the organization. Do not click links, beware of phishing."
    assert authored_part(f"{warning}\n\n{NEW}") == NEW


def test_a_postscript_is_read() -> None:
    assert authored_part(f"{NEW}\n\nRegards\nAnna\n\nPS: the lamp is dead") == f"{NEW}\n\nPS: the lamp is dead"


@pytest.mark.parametrize(
    "text",
    [
        "Leave request\nFrom: 3 May\nTo: 5 May\nReason: holiday",
        "Things that don't work:\n- the printer\n- the VPN",
        "Kind regards are not enough, the printer is dead",
        "On Monday my colleague wrote:\nthe printer is dead",
        "Hi,\n\nthe VPN is down.\nThanks,\nthe laptop is slow too and I have waited for two weeks for some answer",
        "Device: laptop\nSubject: it does not start\nRoom: 12",
        "Warning: the printer says that the toner is empty",
        "",
        ">",
        "--",
        " \n ",
    ],
)  # fmt: skip
def test_a_text_that_only_resembles_a_mail_stays_whole(text: str) -> None:
    assert authored_part(text) == text


@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from([*INTRODUCTIONS.values(), *ENDS.values(), NEW, ">", ""])).map("\n".join)
)
def test_it_never_raises_and_nothing_but_blanks_becomes_nothing(text: str) -> None:
    assert authored_part(text).strip() or not text.strip()


@pytest.mark.parametrize(
    "line",
    ["From: a@b\n", "On 1 ", "On 3 wrote:\n", "On ", "From: ", "From: a ", "wrote: ",
     "---", "--- Original ", "> ", "-- \n", "a:\n", "x", "Von: ", "regards,\n", "_", " ", " \n",
     "This e-mail\n\n", "To: x\n", "-----Original Message-----\n", "> a\n", "FYI\n-----Original Message-----\n"],
)  # fmt: skip
def test_an_adversarial_text_is_parsed_in_linear_time(line: str) -> None:
    text = (line * READ_CHARACTERS)[:100_000]
    begun = time.process_time()
    authored_text(text[:500], text)
    assert time.process_time() - begun < 5
