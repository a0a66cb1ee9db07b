"""Short questions stay with the last answer."""

from rag_service.domain.answering.message.continuation import continuation
from rag_service.domain.answering.message.conversation import Turn

from .passages import uuid

DOCUMENTS = frozenset([uuid("policy")])
QUOTED = Turn("assistant", "System: Spendly; Owner: Marc Dubois; Backup: daily [policy.docx:4 Owners#1]", DOCUMENTS)
ASKED = Turn("user", "How often is Spendly backed up?")


def test_an_attribute_is_asked_of_the_row_that_was_quoted() -> None:
    found = continuation("Who is the owner?", [ASKED, QUOTED])
    assert found is not None
    assert (found.question, found.documents, found.bound) == ("Who is the owner (Spendly)?", DOCUMENTS, True)


def test_another_short_question_takes_the_subject_of_the_one_before() -> None:
    turns = [
        Turn("user", "When is the fire drill?"),
        Turn("assistant", "It takes place on 25 June. [minutes.md:3#1]", DOCUMENTS),
    ]
    found = continuation("Who informs the neighbours?", turns)
    assert found is not None
    assert not found.bound
    assert found.question == "Who informs the neighbours (fire drill)?"


def test_an_attribute_stays_with_a_question_that_was_not_answered() -> None:
    found = continuation("What is the phone number?", [Turn("user", "How many people fit into Meise?")])
    assert found is not None
    assert found.bound
    assert "Meise" in found.question


def test_a_question_with_a_subject_of_its_own_begins_anew() -> None:
    assert continuation("What does CH-100 cost?", [ASKED, QUOTED]) is None
    assert continuation("Who is the owner of Kettle?", [ASKED, QUOTED]) is None
    assert continuation("Who informs the neighbours?", [ASKED]) is None
    assert continuation("Who is the owner?", []) is None
