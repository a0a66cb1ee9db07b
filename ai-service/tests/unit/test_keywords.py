"""The keyword classifier: whole words, one department per word."""

import time
from itertools import combinations

import pytest
from ai_service.domain.cascade import ClassifierCascade
from ai_service.domain.classification import Classification
from ai_service.domain.departments import SEEDED, Department, Departments, current
from ai_service.domain.keywords import KeywordClassifier
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.vocabulary import WORDS, words_of

SEEDS = current([])


def read(text: str, departments: Departments = SEEDS, description: str = "") -> Classification:
    return ClassifierCascade().decide(TicketText(text, description), departments).classification


def test_two_words_of_a_department_give_seventy() -> None:
    answer = read("vpn password")
    assert (answer.department, answer.confidence, answer.need_admin) == ("IT Support", 70, False)
    assert answer.decided_by == "keywords"
    assert answer.reason == "2 words of IT Support: vpn, password"


def test_a_text_without_a_known_word_goes_to_general_and_a_person() -> None:
    answer = read("zzz")
    assert (answer.department, answer.confidence, answer.need_admin) == ("General", 30, True)


@pytest.mark.parametrize(("words", "confidence"), [("vpn", 60), ("vpn vpn", 60), ("vpn wifi login", 75)])
def test_each_different_word_counts_ten_up_to_seventy_five(words: str, confidence: float) -> None:
    assert read(words).confidence == confidence


@pytest.mark.parametrize("text", ["terror", "keyboardist", "deskilled", "taxonomy", "taxi", "bankrupt"])
def test_a_word_inside_another_word_is_not_found(text: str) -> None:
    assert read(text).department == "General"


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("Passwords", "IT Support"),
        ("two INVOICES", "Finance"),
        ("company policies", "General"),
        ("taxes", "Finance"),
        ("e-mail attachment", "IT Support"),
        ("Wi-Fi!", "IT Support"),
        ("pay-slip?", "HR"),
    ],
)
def test_case_plurals_and_hyphens_do_not_matter(text: str, department: str) -> None:
    assert read(text).department == department


@pytest.mark.parametrize(
    ("title", "description", "department"),
    [
        ("Cannot access email", "I'm unable to log into my email account. Getting password error.", "IT Support"),
        ("Laptop screen is black", "It shows nothing since the software update.", "IT Support"),
        ("Parental leave", "How many weeks of vacation remain, and who signs the contract?", "HR"),
        ("Payroll", "My salary for May is missing on the payslip.", "HR"),
        ("Broken chair", "The desk and the lamp in room 12 need repair too.", "Facilities"),
        ("It is cold", "The heating on the third floor does not work.", "Facilities"),
        ("Unpaid invoice", "Our supplier asks for the payment again.", "Finance"),
        ("Travel expenses", "When do I get the reimbursement?", "Finance"),
        ("An idea for the newsletter", "Just a suggestion.", "General"),
    ],
)
def test_everyday_tickets_find_their_department(title: str, description: str, department: str) -> None:
    assert read(title, description=description).department == department


def test_most_words_win_and_general_loses_every_tie() -> None:
    assert read("invoice for a keyboard and a mouse").department == "IT Support"
    assert read("a question about an invoice").department == "Finance"


def test_no_word_belongs_to_two_departments() -> None:
    for one, other in combinations(WORDS.values(), 2):
        assert one & other == set()
    assert set(WORDS) == set(SEEDED)
    assert all(len(words) >= 20 for words in WORDS.values())


def test_a_department_that_is_not_on_the_list_gets_nothing() -> None:
    without_it = Departments(tuple(Department(name) for name in ("HR", "Finance", "General")))
    assert read("vpn password", without_it).department == "General"


def test_without_general_a_person_finds_it_at_the_first_of_the_list() -> None:
    answer = read("zzz", Departments((Department("Legal"), Department("HR"))))
    assert (answer.department, answer.confidence, answer.need_admin) == ("Legal", 30, True)


def test_a_company_that_closed_every_department_still_gets_an_answer() -> None:
    answer = read("vpn password", Departments(()))
    assert (answer.department, answer.confidence, answer.need_admin) == ("General", 0, True)


def test_a_department_of_the_companys_own_is_found_by_its_name_and_description() -> None:
    departments = Departments((*SEEDS.members, Department("Legal", "Contracts, lawsuits and trademarks")))
    assert read("legal advice", departments).department == "Legal"
    assert read("a lawsuit about our trademark", departments).department == "Legal"
    # "contract" speaks for HR already, and a description is not enough to take it away.
    assert words_of(departments)["contract"] == "HR"


def test_a_name_chosen_by_the_company_outranks_our_lists() -> None:
    departments = Departments((*SEEDS.members, Department("Network Operations", "")))
    assert read("network", departments).department == "Network Operations"


def test_uninformative_words_belong_to_no_department() -> None:
    departments = Departments((*SEEDS.members, Department("Customer Support Team", "All requests of our customers")))
    assert read("support team please", departments).department == "General"
    assert read("a customer wrote", departments).department == "Customer Support Team"


def test_it_is_quick_even_for_a_very_long_text() -> None:
    classifier, text = KeywordClassifier(), TicketText("vpn", "lorem ipsum " * 8_000)
    classifier.classify(text, SEEDS)
    begun = time.process_time()
    classifier.classify(text, SEEDS)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    "text", ["light", "Desk!", "a bill", "leave", "the tap", "a mouse", "a chair", "lifts", "sinks"]
)
def test_with_one_ambiguous_word_the_keywords_abstain(text: str) -> None:
    answer = read(text)
    assert (answer.department, answer.confidence, answer.need_admin) == ("General", 30, True)
    assert "several senses" in answer.reason


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("The light flickers", "Facilities"),
        ("the tap in the bathroom", "Facilities"),
        ("My bill, 20 euro, is unpaid", "Finance"),
        ("leave balance", "HR"),
        ("In Excel the formula is wrong", "IT Support"),
        ("Please ask HR", "HR"),
    ],
)
def test_a_second_word_a_phrase_or_a_capital_makes_its_sense_clear(text: str, department: str) -> None:
    answer = read(text)
    assert (answer.department, answer.need_admin) == (department, False)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Finance Department, Bill Price is my name",
        "Hello Facilities Team,",
        "Mr Invoice called",
        "Frau Urlaub ist da",
        "write to vpn@printer.example or see https://laptop.example/invoice",
        "Regards, Bill Price",
    ],
)
def test_greetings_names_and_addresses_are_no_evidence(text: str) -> None:
    assert read(text).need_admin


def test_a_common_word_of_a_description_is_weak_evidence() -> None:
    success = Department("Success", "Helps customers get value: calls, meetings, training plans, renewals")
    law = Department("Recht und Verträge", "Hilfe bei Klagen und für Marken")
    departments = Departments((*SEEDS.members, success, law))
    for text in ("the value is wrong", "it helps", "Bitte und für und bei"):
        assert read(text, departments).need_admin, text
    for text, department in (("renewals", success), ("value for customers", success), ("Marken", law), ("Recht", law)):
        answer = read(text, departments)
        assert (answer.department, answer.need_admin) == (department.name, False), text


@pytest.mark.parametrize(
    "text", ["ＶＰＮ", "ｐａｓｓｗｏｒｄ", "ｖｐｎ", "𝐯𝐩𝐧", "Ⓥⓟⓝ", "ﬁnance ｉｎｖｏｉｃｅ", "v\u00adpn"]
)
def test_letters_of_another_width_or_style_are_read_as_their_plain_form(text: str) -> None:
    assert not read(text).need_admin
