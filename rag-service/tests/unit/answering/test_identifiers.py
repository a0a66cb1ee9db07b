"""What in a question names one thing, and which texts hold it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag_service.domain.answering.language.identifiers import identifiers


@pytest.mark.parametrize(
    ("question", "same", "others"),
    [
        ("What is the price of QL-208?", ["QL-208", "ql 208", "QL208", "(QL_208)"], ["QL-2080", "QL-20", "AQL-208"]),
        ("How heavy is TK-07?", ["TK-07: 3 kg"], ["TK-7", "TK-070", "TK-07-B", "X-TK-07"]),
        ("What does AB/123-A weigh?", ["AB/123-A", "ab 123 a"], ["AB/123-B", "AB/1234-A"]),
        ("Who sits in room 318?", ["Room: 318; Name: Ola", "room 318."], ["Room: 3180", "318-A", "room 31"]),
        (
            "Who services the boiler of hall 5?",
            ["Hall: 5; Boiler: B2", "hall 5."],
            ["Hall: 4; Serviced: every 5 weeks"],
        ),
        ("Wer reinigt Halle 3?", ["Halle 3: Meyer"], ["Halle 2: alle 3 Tage", "Halle 2: 3 €", "Halle 30"]),
        ("What does clause 4.1 say?", ["4.1 Payment", "clause 4.1."], ["14.1", "4.1.2", "41"]),
        ("Wer hat die Durchwahl 7702?", ["Tel. 7702"], ["77021", "17702"]),
        ("Was bedeutet Fehler F 12?", ["F12: leer", "F-12"], ["F-120", "F1"]),
        ("Que signifie l'erreur ZR-9 ?", ["zr-9"], ["ZR-90", "ZR-8"]),
        ("What does code w qn314 mean?", ["W-QN314", "w qn 314"], ["QN314", "W-QN31", "W-QN3144"]),
        ("Where is RT-KL 318 parked?", ["RT-KL 318", "rt kl-318"], ["RT-KM 318", "KL 318", "RT-KL 3180"]),
        ("Was kostet Artikel Nr. 61-204?", ["61-204", "61 204"], ["61-2040", "61204", "161-204"]),
        ("Who is reachable at +49 30 5566-778?", ["+49 30 5566778", "+49 (30) 5566-778"], ["+49 30 5566-779"]),
        ('Which folder is "Blue Case"?', ["the blue  case"], ["the case"]),
        ("What is retry_limit for?", ["retry_limit = 4", "RETRY_LIMIT"], ["retry = 4", "retry_limits"]),
        ("Mail of jo.ruiz@corp.example?", ["jo.ruiz@corp.example"], ["jo@corp.example"]),
    ],
)
def test_a_code_is_found_however_it_is_written_and_no_other_one_is(
    question: str, same: list[str], others: list[str]
) -> None:
    found = identifiers(question)
    assert found.codes
    assert [text for text in same if not found.coded_in(text)] == []
    assert [text for text in others if found.coded_in(text)] == []


@pytest.mark.parametrize(
    "question",
    [
        "How much does storage above 2 TB cost?",
        "What is between 500GB and 2TB?",
        "How many days off do I get in 2024?",
        "Is there a 30-day notice?",
        "Can 5000 employees use it?",
        "When is the 1st payday?",
        "My laptop LT-4471 does not start. What should I do?",
        "Wie lange gilt der 80-Stunden-Plan?",
    ],
)
def test_quantities_years_and_somebodys_own_things_name_nothing(question: str) -> None:
    assert identifiers(question).codes == ()


def test_names_are_words_with_a_capital_inside_a_sentence() -> None:
    assert identifiers("What is the extension of Carla Quist?").names == {"carla", "quist"}
    assert identifiers("How often do we get paid at Norvale Labs?").names == frozenset()
    assert identifiers("Wie hoch ist der Zuschuss für das Essen?").names == frozenset()
    assert identifiers("WHAT IS THE PRICE").names == frozenset()


@given(st.text(max_size=80))
def test_any_text_has_identifiers_that_can_be_searched(text: str) -> None:
    found = identifiers(text)
    assert isinstance(found.coded_in(text), bool)


@pytest.mark.parametrize(
    ("question", "text"), [("Was kostet der C4-Schein?", "C4 (€): 95"), ("E07-Fehler", "Code E07")]
)
def test_a_code_that_is_joined_to_a_word_binds_without_the_word(question: str, text: str) -> None:
    assert identifiers(question).codes
    assert identifiers(question).coded_in(text)
    assert not identifiers(question).coded_in(text.replace("4", "5").replace("07", "08"))


def test_a_number_behind_the_verb_order_is_none_of_an_order() -> None:
    assert not identifiers("If I order 50 badges, what do they cost?").codes
    assert identifiers("Where is order 50?").codes
