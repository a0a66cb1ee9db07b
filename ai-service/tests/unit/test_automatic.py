"""Automatic messages and mentions of urgent cases are not urgent."""

import pytest
from ai_service.domain.authored_text import authored_text
from ai_service.domain.priority.decision import prioritize
from ai_service.domain.priority.rules import Rule

AUTOMATIC = [
    ("Automatic reply: Printer", "I am out of office. For urgent matters call the desk."),
    ("Re: Automatic reply: Printer", "Urgent issues: call 555-0199 immediately."),
    ("Out of Office: printer", "In an emergency write to my colleague."),
    ("Printer", "I am currently out of the office until Monday. If it is urgent, please contact Jane."),
    ("Printer", "I'm on annual leave with limited access to mail. Critical? Call Bob asap."),
    ("Automatische Antwort: Drucker", "Ich bin bis Montag nicht im Büro. Emergency: 555-0199, urgent."),
    ("Abwesenheitsnotiz", "Urgent: bitte Frau Meier anrufen."),
    ("Drucker", "Ich bin vom 3. bis 9. Mai im Urlaub. Urgent: bitte wenden Sie sich an Frau Meier."),
    ("Réponse automatique : Imprimante", "Je suis absent. Si c'est urgent, contactez Jean."),
    ("Imprimante", "Je suis en congés jusqu'au 9 mai. Urgent ? Contactez Jean."),
    ("Respuesta automática: impresora", "Estoy fuera de la oficina. Urgent: contacte a Juan."),
    ("Otomatik yanıt: yazıcı", "Ofis dışındayım. Urgent: Ali'yi arayın."),
    ("Undeliverable: urgent request", "Delivery has failed to these recipients or groups: critical@x.example"),
    ("Delivery Status Notification (Failure)", "Your message to boss@x.example was not delivered. Urgent."),
    ("Unzustellbar: urgent", "Ihre Nachricht an x konnte nicht zugestellt werden."),
    ("Mail", "This is an automatically generated message. Urgent: do not reply."),
    ("Company newsletter", "Critical thinking made easy! Urgent offers, hurry!"),
    ("Offers in May", "Hurry, urgent sale!\n\nUnsubscribe: https://x.example/u"),
    ("Angebote", "Urgent!\n\nNewsletter abbestellen: https://x.example/u"),
]


@pytest.mark.parametrize(("title", "description"), AUTOMATIC, ids=[title for title, _ in AUTOMATIC])
def test_automatic_messages_are_not_urgent(title: str, description: str) -> None:
    result = prioritize(authored_text(title, description))
    assert result.priority == "low"
    assert "machine" in result.reason


def test_a_companys_rule_applies_to_automatic_messages_too() -> None:
    rule = Rule(1, "bounces", ("undeliverable",), None, "high", 0, active=True)
    assert prioritize(authored_text("Undeliverable: offer", "It failed."), [rule]).priority == "high"


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Automatic door", "The automatic door hit somebody. Urgent!"),
        ("Absence notes", "Nobody gets my absence note, urgent!"),
        ("Stolen laptop", "I'm on vacation and my laptop was stolen. It is urgent!"),
        ("Newsletter server is down", "Urgent: the newsletter goes out at noon."),
        ("Reply needed", "My automatic reply does not stop, urgent."),
        ("Unsubscribe", "How can our clients unsubscribe? Urgent."),
    ],
)
def test_a_persons_text_about_automatic_things_may_be_urgent(title: str, description: str) -> None:
    assert prioritize(authored_text(title, description)).priority == "urgent"


@pytest.mark.parametrize(
    "text",
    [
        "The chair is in room 12. For urgent matters call 555-0199.",
        "The chair is in room 12.\n\nRegards\nAnna\nUrgent? Call 555-0199",
        "Urgent? No.",
        "Is it urgent? Not at all.",
        "If it's urgent I can come by.",
        "In case of an emergency use the stairs.",
        "In urgent cases ask Bob.",
        "Emergency hotline: 555-0199",
        "How urgent is it? I don't know.",
        "Es ist kein Notfall.",
        "Das ist nicht urgent.",
        "Ce n'est pas urgent.",
        "Ce n'est pas du tout urgent.",
        "Pas très urgent.",
        "Niet urgent.",
        "No es urgente.",
        "Het is niet zo urgent.",
        "Urgent değil.",
        "Acil değil, urgent değil",
        "No emergency.",
        "This is not an emergency and not urgent.",
        "nothing urgent",
        "It isn't really urgent",
    ],
)
def test_a_mention_of_urgent_cases_or_a_denial_is_not_urgent(text: str) -> None:
    assert prioritize(authored_text("A chair", text)).priority == "low"


@pytest.mark.parametrize(
    "text", ["C'est urgent", "ＵＲＧＥＮＴ", "Urgent!", "Can you come urgently?", "Is somebody there? Urgent!"]
)
def test_real_urgency_still_counts(text: str) -> None:
    assert prioritize(authored_text("A chair", text)).priority == "urgent"
