"""What answers because nothing else has all that a question names."""

from rag_service.domain.answering.matches.sole_answers import sole_answer
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.units import units_of
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import safe_sentences_of

from .passages import passage
from .test_extraction import table

SAFETY = passage(
    "# Smell of gas\n\n1. Touch no switch.\n2. Open the windows.\n\n"
    "# Suspected asbestos\n\n1. Stop work at once.\n2. Leave the room."
)
HANDBOOK = passage(
    "If you are ill, telephone the planning desk before 7:30. Invoices are paid within 14 days. "
    "The photos on the website are from 2017. Aylin Demir will take new ones by Easter. "
    "The fire marshal in the orange vest says when the building is open.",
    "handbook.pdf",
)


def told(question: str, *given: Passage) -> str:
    found = []
    for each in given:
        sentences = safe_sentences_of(each)
        one = AssessedPassage(each, sentences, (), 0.1)
        found += [FoundUnit(one, AssessedUnit(unit, 0.1)) for unit in units_of(sentences, each.kind, each.text)]
    answer = sole_answer(question, found, 0.5)
    return answer.quoted if answer else ""


def test_the_section_tells_what_to_do_whose_heading_names_what_happened() -> None:
    assert told("There's a smell of gas at a house. What do I have to do?", SAFETY) == (
        "Touch no switch. Open the windows."
    )
    assert told("I drilled into asbestos, what now?", SAFETY) == "Stop work at once. Leave the room."
    assert told("There is a leak at a house. What do I have to do?", SAFETY) == ""


def test_the_sentence_for_the_reported_condition_answers() -> None:
    assert told("I'm ill today, what do I have to do?", HANDBOOK) == (
        "If you are ill, telephone the planning desk before 7:30."
    )


def test_a_sentence_that_lacks_a_word_does_not_answer() -> None:
    assert told("Who shows the photos on the website?", HANDBOOK) == ""
    assert told("Within how many days are salaries paid?", HANDBOOK) == ""


def test_a_sentence_about_other_ones_comes_with_what_names_them() -> None:
    found = told("Who takes the new photos for the website?", HANDBOOK)
    assert found == "The photos on the website are from 2017. Aylin Demir will take new ones by Easter."


def test_a_person_is_told_only_by_a_name() -> None:
    assert told("Who is the fire marshal of the building?", HANDBOOK) == ""


def test_a_row_must_hold_every_word() -> None:
    rows = table("Room: Room 180; Extension: 6354\nRoom: Room 190; Extension: 6355")
    assert told("On which floor is Room 180?", rows) == ""
    condition = table("3 | The deposit is paid by debit card; we do not accept cash for deposits.")
    assert told("Can I pay the deposit in cash?", condition).startswith("3 | The deposit")


CLUB = passage(
    "# Fees\n\n## Late returns\n\nPlease bring back what you borrow. After two weeks we take £3 a day.\n\n"
    "## Broken tools\n\nA broken tool costs £20. A broken machine costs £90."
)


def test_the_only_amount_below_the_heading_that_names_the_thing_is_its_price() -> None:
    assert told("late return charge", CLUB) == "After two weeks we take £3 a day."
    assert told("What is the fee for late returns?", CLUB) == "After two weeks we take £3 a day."


def test_below_a_heading_with_two_amounts_none_is_the_price() -> None:
    assert told("price of broken tools", CLUB) == ""
    assert told("late payment charge", CLUB) == ""


STAFF = "Name: Ivo Lindqvist; Task: Conductor; Phone: 0151 220 411; E-mail: ivo@choir.example"


def test_a_number_to_call_is_no_amount() -> None:
    assert told("How old is Ivo Lindqvist?", table(STAFF)) == ""
    assert told("How old is Ivo Lindqvist?", table(f"{STAFF}; Age: 41")) == f"{STAFF}; Age: 41"
    boats = "Boat: Blue Heron; Seats: 140"
    assert told("How many seats has the Blue Heron?", table(boats)) == boats


def test_hours_to_reach_somebody_are_no_deadline() -> None:
    row = table("Name: Kitchen; Post: Lunch orders; When to reach: 8–14")
    assert told("Order by when for lunch?", row) == ""


GUEST_HOUSE = passage(
    "# Guarantee\n\nWe answer for our work for 12 months. Wear is not covered.\n\n"
    "# Dogs\n\nThey are £6 a night. The meadow is open from 8:00.\n\n"
    "# Breakfast\n\nFrom 8:00 to 10:00 in the blue room. Packed lunch is ordered before."
)


def test_the_only_value_of_the_asked_kind_below_the_heading_that_names_the_thing_answers() -> None:
    assert told("How long is the guarantee?", GUEST_HOUSE) == "We answer for our work for 12 months."
    assert told("What does my dog cost?", GUEST_HOUSE) == "They are £6 a night."
    assert told("When is breakfast?", GUEST_HOUSE) == "From 8:00 to 10:00 in the blue room."


def test_a_section_without_such_a_value_or_with_a_wider_heading_does_not_answer() -> None:
    assert told("What does breakfast cost?", GUEST_HOUSE) == ""
    assert told("How long are the dogs?", GUEST_HOUSE) == ""
    assert told("What does the breakfast for dogs cost?", GUEST_HOUSE) == ""
    assert told("When is the party?", passage("# Party and meeting\n\nOn 3 May. Bring a cake.")) == ""


def test_the_number_of_a_room_is_no_price() -> None:
    cartridges = passage("# Cartridges\n\nThe MX-30 takes two of them. Spares are kept in room 2.08.")
    assert told("What does a cartridge cost?", cartridges) == ""
