"""Units that say nothing for a question: headings, a bare no, dates for amounts, rows for other days."""

import pytest
from rag_service.domain.answering.tables.named_columns import days_in
from rag_service.usecases.assess_passages import Embed

from .passages import by_words, passage
from .test_extraction import extracted, stored, table, texts
from .test_row_matches import said


def test_a_heading_in_a_text_is_no_answer() -> None:
    text = "3. Bicycle shed at Gate East\n\nThe offer of Moser for 9,100 euros was accepted.\n"
    told = texts("What is the accepted offer for the new bicycle shed at Gate East?", passage(text, "minutes.txt"))
    assert "Bicycle shed at Gate East" not in told


def test_no_is_not_how_many() -> None:
    assert texts("How many members does the club have?", stored("Do members need a badge?", "No. Just come in.")) == []


def test_yes_with_a_number_is_how_many() -> None:
    faq = stored("Can I carry over vacation days?", "Yes. Up to five days.")
    assert texts("How many vacation days can I carry over?", faq) == ["Yes.", "Up to five days."]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much does the choir week cost?", "The choir week in Arosa is from 8 to 13 March 2027."),
        ("Was kostet die Chorwoche?", "Vom 8. bis 13. März 2027 fährt der Chor in die Chorwoche."),
    ],
)
def test_a_date_is_no_price(question: str, text: str) -> None:
    assert texts(question, passage(text)) == []


def test_a_number_beside_a_date_is_an_amount() -> None:
    text = "In 2027 drivers have 26 days of vacation."
    assert texts("How many days of vacation do drivers have in 2027?", passage(text)) == [text]


def test_names_of_columns_are_no_amount() -> None:
    assert texts("How many members does the club have?", table("Group | Monthly members | Yearly members")) == []


def test_a_row_for_other_days_gives_way_to_a_text_for_the_asked_one() -> None:
    row = "Group: Juniors; Closing time, Monday to Friday: 20:00"
    rows = table(row, "rules.docx")
    text = passage("On Saturday the closing time of juniors is two hours later.", "rules.docx", ordinal=1)
    assert row not in texts("When is closing time for juniors on Saturday?", rows, text)
    assert row in texts("When is closing time for juniors on Wednesday?", rows, text)


@pytest.mark.parametrize(
    ("text", "days"),
    [("Monday to Wednesday", {0, 1, 2}), ("Sat–Mon", {5, 6, 0}), ("on Fridays", {4}), ("sun cream", set())],
)
def test_days_are_read_with_those_between(text: str, days: set[int]) -> None:
    assert days_in(text) == days


def test_a_text_without_an_amount_of_money_is_no_price() -> None:
    lease = passage("The landlord lets studio place No. 14 on the first floor (11 m²). The rent is CHF 340 a month.")
    assert "The landlord lets" not in " ".join(texts("How much is the rent for studio place 14?", lease))


def test_what_is_included_or_half_is_a_price() -> None:
    text = "Juniors pay half of the entry fee."
    assert texts("How much is the entry fee for juniors?", passage(text)) == [text]


@pytest.mark.parametrize("question", ["What is Ruth Imhof's mobile number?", "extension of Ruth Imhof"])
def test_a_row_with_nothing_in_the_asked_column_does_not_answer(question: str) -> None:
    people = (
        "Name: Lea Brodbeck; Extension: 11; Mobile: 079 555 21 11\nName: Ruth Imhof; Mail: ruth@kiln.example; Mobile: -"
    )
    assert texts(question, table(people)) == []


def test_a_row_answers_for_the_columns_that_it_has() -> None:
    people = "Name: Lea Brodbeck; Extension: 11; Mobile: 079 555 21 11\nName: Ruth Imhof; Extension: 16; Mobile: -"
    assert texts("extension of Ruth Imhof", table(people)) == [people.splitlines()[1]]


def test_a_title_with_a_currency_is_no_price() -> None:
    assert (
        texts("How much does a bicycle wash cost?", passage("Velo Marell – bicycle rental, prices 2027 in CHF")) == []
    )


@pytest.mark.parametrize(
    ("question", "embed", "answered"),
    [
        ("How much is a coffee per day and bike?", by_words, False),
        ("How much is a kids bike for a day?", by_words, False),
        ("How much is a kids bike for a day?", None, False),
        ("How much is a coffee?", None, False),
        ("How much does full cover cost?", None, True),
        ("How much does full cover cost for a bike?", by_words, True),
    ],
)
def test_the_price_of_another_thing_is_none(question: str, embed: Embed | None, answered: bool) -> None:
    faq = stored("How much is full cover?", "6 EUR per day and bike. Theft counts if the bike was locked.")
    assert bool(extracted(question, [faq], embed, least=0.1).cited) is answered


TOURS = "Guided tours take place every Thursday at 17:00 and every Saturday at 11:00 and 15:00."


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How long does the guided tour take?", TOURS),
        ("how long is the swimming course", "The swimming course begins on 4 May."),
        ("Wie lange dauert die Führung?", "Die Führung findet jeden Samstag um 14:00 Uhr statt."),
    ],
)
def test_a_time_of_the_clock_is_no_duration(question: str, text: str) -> None:
    assert texts(question, passage(text)) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How long does the guided tour take?", "The guided tour at 17:00 takes 75 minutes."),
        ("How long is the exhibition open?", "The exhibition is open until 4 May."),
        ("How long is the tap room open?", "The tap room is open from 16:00 to 23:00."),
        ("When does the guided tour take place?", TOURS),
    ],
)
def test_a_unit_of_time_or_an_end_tells_how_long(question: str, text: str) -> None:
    assert texts(question, passage(text)) == [text]


@pytest.mark.parametrize("question", ["What do we pay for the guided tours?", "what do I have to pay for guided tours"])
def test_only_money_is_paid(question: str) -> None:
    assert texts(question, passage(TOURS)) == []
    priced = "Guided tours are 14 EUR per person."
    assert texts(question, passage(priced)) == [priced]


def test_a_time_to_pay_is_a_duration() -> None:
    text = "Rechnungen sind innerhalb von 14 Tagen ohne Abzug zu bezahlen."
    assert texts("Wie lange habe ich Zeit, die Rechnung zu bezahlen?", passage(text)) == [text]


def test_attention_is_paid_without_money() -> None:
    text = "Pay attention to the 3 steps of the cellar during guided tours."
    assert texts("What do I have to pay attention to during guided tours?", passage(text)) == [text]


def test_the_price_of_a_thing_is_not_that_of_another_with_its_adjective() -> None:
    beer = table("Beer: Harbour Light; Keg: 98.00 EUR; Deposit: 30.00 EUR", "beers.csv")
    drone = passage("The deposit is 500 EUR for a drone below 2 kg.", "terms.txt")
    asked = "What is the deposit for a light drone?"
    assert not any("Harbour" in each for each in texts(asked, beer, drone))
    assert any("Harbour" in each for each in texts("What is the deposit for a light beer?", beer, drone))
    van = table("Van: Transit; Half day: £45; Full day: £68", "vans.csv")
    cost = passage("A day in the storage room may cost £9.", "terms.txt")
    assert any("Transit" in each for each in texts("what does a transit cost for a whole day", van, cost))


UNITS = """\
Unit: A02; Floor: Ground; Type: Large room; Status: free; Remarks: beside the lift
Unit: B03; Floor: First; Type: Small room; Status: let; Remarks: quiet"""
RATES = """\
Extra: Cot; Price: free
Extra: Dog; Price: £6
Extra: Late leaving; Price: on request"""
BIKES = """\
Kennzeichen: GÖ-RW 22; Modell: Yamaha MT-07; Lehrkraft: Ilka Petrat; Nächste HU: 04/2029
Kennzeichen: GÖ-RW 31; Modell: Golf; Lehrkraft: Ole Kunz; Nächste HU: 11/2030"""


@pytest.mark.parametrize("question", ["what does unit A02 cost", "How much is the large room?", "price of B03"])
def test_a_row_without_a_price_tells_none(question: str) -> None:
    assert said(question, UNITS) == []


def test_a_measure_is_no_price() -> None:
    assert said("how much is a new battery?", "Part: Battery; Holds: 417 Wh\nPart: Motor; Holds: 250 W") == []


@pytest.mark.parametrize(("question", "row"), [("How much is a cot?", 0), ("what does late leaving cost", 2)])
def test_free_and_on_request_are_prices(question: str, row: int) -> None:
    assert said(question, RATES) == [RATES.splitlines()[row]]


@pytest.mark.parametrize("question", ["Welche Handynummer hat Ilka Petrat?", "What is Ilka Petrat's phone number?"])
def test_a_row_without_a_number_to_call_tells_none(question: str) -> None:
    assert said(question, BIKES) == []


def test_a_row_with_a_number_to_call_tells_it() -> None:
    with_numbers = BIKES.replace("Nächste HU: 04/2029", "Telefon: 0551 4417").replace(
        "Nächste HU: 11/2030", "Telefon: 0551 4420"
    )
    assert said("Welche Telefonnummer hat Ilka Petrat?", with_numbers) == [with_numbers.splitlines()[0]]


def test_a_price_with_words_of_the_question_is_one() -> None:
    tiers = "Tier: Lower; From: 0 TB; Rate: € 90 per TB and year\nTier: Upper; From: 2 TB; Rate: € 75 per TB and year"
    assert said("What does the upper tier cost per TB and year?", tiers) == [tiers.splitlines()[1]]


def test_the_title_of_a_text_is_no_answer() -> None:
    text = "NOTICES FOR VISITORS OF THE PARISH\n\nThe hall holds forty people. Flowers are welcome on Saturday."
    told = texts("Who are the notices of the parish for?", passage(text, "notices.txt"))
    assert "NOTICES FOR VISITORS OF THE PARISH" not in told


def test_an_address_in_a_row_is_no_number_to_call() -> None:
    rows = "Name: Tom Hessle; Post: Treasurer; E-mail: treasurer@hall.example"
    assert said("What is the treasurer's phone number?", rows) == []
    assert said("What is the treasurer's e-mail?", rows) == [rows]
