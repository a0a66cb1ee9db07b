"""A text without the code, the address or the name that a question asks for does not answer."""

import pytest
from rag_service.domain.answering.exclusions.lacks_value import lacks_value

from .passages import passage
from .test_extraction import texts

CHANGES = "The combination of the tool shed changes on 1 April."


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("What is the combination of the tool shed?", CHANGES, True),
        ("tool shed combination", CHANGES, True),
        ("What is the combination of the tool shed?", "The combination 4711 changes on 1 April.", False),
        ("When is the combination of the tool shed changed?", CHANGES, False),
        ("What is the guest password?", "The guest password hangs at the desk and changes every Monday.", False),
        ("What is Ada Brook's e-mail address?", "Name: Ada Brook; Telephone: 01963 40117", True),
        ("What is Ada Brook's e-mail address?", "Name: Ada Brook; Mail: ada@brook.example", False),
        ("What is the e-mail policy?", "Private mails are allowed in breaks.", False),
        ("How do I set up e-mail?", "Open the settings and add the account.", False),
        ("postal address of the kitchen", "Name: Kitchen; Telephone: 01963 40700", True),
        ("postal address of the kitchen", "The kitchen is at 4 Mill Row.", False),
        ("What is the address of the hostel?", "The hostel's number for emergencies is 01229 555 019.", True),
        ("What is the address of the hostel?", "Write to Seestraße 12.", False),
        ("What is the address of the hostel?", "See www.hostel.example.", False),
        ("What is the vicar's name?", "Couples see the vicar four months ahead.", True),
        ("What is the vicar's name?", "The vicar, Canon Odell, sees couples on Fridays.", False),
    ],
)
def test_what_is_asked_for_by_its_name_must_be_there(question: str, text: str, *, lacks: bool) -> None:
    assert lacks_value(question, text) is lacks


def test_the_day_on_which_a_combination_changes_is_no_combination() -> None:
    assert texts("What is the combination of the tool shed?", passage(CHANGES)) == []
    assert texts("When does the combination of the tool shed change?", passage(CHANGES)) == [CHANGES]
