"""Questions in other words than the texts."""

import pytest
from rag_service.domain.answering.language.same_meaning import wordings

FARES = "Foot passenger: 4.80\nMotorcycle with rider: 11.50\nCar up to 5 m: 19.00\nGoods vehicle per metre: 6.20"
RULES = "Animals travel free of charge.\nBookings cancelled two days before are refunded.\nWages are paid on the 27th."


@pytest.mark.parametrize(
    ("question", "text", "reworded"),
    [
        ("Price for a pedestrian?", FARES, "Price for a foot passenger?"),
        ("How much for an automobile?", FARES, "How much for an car?"),
        ("How much for two motorbikes?", FARES, "How much for two motorcycle?"),
        ("Fare for my lorry", FARES, "Fare for my goods vehicle"),
        ("May I bring my dog?", RULES, "May I bring my animals?"),
        ("What if I call the whole thing off?", RULES, "What if I cancelled the whole thing?"),
        ("Is there money back?", RULES, "Is there refunded?"),
        ("When do I get my salary?", RULES, "When do I get my wages?"),
    ],
)
def test_a_word_that_no_text_has_becomes_one_that_texts_have(question: str, text: str, reworded: str) -> None:
    first, *_ = wordings(question, [text], "english")
    assert first.question == reworded


@pytest.mark.parametrize(
    ("question", "text", "language", "reworded"),
    [
        ("Kann ich in Raten zahlen?", "Eine Begleichung in Monatsraten ist möglich.", "german", "Monatsraten"),
        ("Wer erstattet mir das?", "Die Rückerstattung erfolgt im Mai.", "german", "rückerstattung"),
        ("Où laver mes serviettes ?", "Le linge se lave au sous-sol.", "french", "linge"),
        ("¿Quién paga la luz?", "La electricidad corre a cargo del inquilino.", "spanish", "electricidad"),
        ("Quando si deve liberare la camera?", "Le camere si lasciano entro le 10.", "italian", "lasciano"),
        ("Wanneer wordt er getakeld?", "Boten worden op dinsdag getild.", "dutch", "getild"),
    ],
)
def test_words_of_other_languages_are_known_in_all_their_forms(
    question: str, text: str, language: str, reworded: str
) -> None:
    assert any(reworded.casefold() in each.question.casefold() for each in wordings(question, [text], language))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which animals are there?", "Dogs sleep in the barn."),
        ("Where is the cat?", "Dogs must be on a lead."),
        ("What does a caravan cost?", FARES),
        ("When does work start?", "Workers and staff eat at noon."),
        ("Where does Mr Lorry sit?", FARES),
    ],
)
def test_a_word_of_another_meaning_does_not_stand_for_it(question: str, text: str) -> None:
    assert not wordings(question, [text], "english")


def test_a_word_of_the_texts_is_replaced_last() -> None:
    text = "The car park is closed.\nVehicles must be at the slipway early."
    every = wordings("When must my car arrive?", [text], "english")
    assert [each.question for each in every] == ["When must my vehicles arrive?"]
    both = wordings("When must my car and my dog arrive?", [f"{text}\nPets wait."], "english")
    assert [each.question for each in both] == [
        "When must my car and my pets arrive?",
        "When must my vehicles and my pets arrive?",
    ]


def test_an_idiom_becomes_plain_words_whatever_texts_have() -> None:
    (only,) = wordings("How much does the sauna set me back?", ["Sauna: 9.00"], "english")
    assert only.question == "How much does the sauna cost me?"
    assert not only.words


def test_words_of_another_language_have_another_list() -> None:
    assert wordings("Was kostet ein Lastwagen?", ["LKW: 30 Euro"], "german")[0].question == "Was kostet ein lkw?"
    assert not wordings("Was kostet ein Lastwagen?", ["LKW: 30 Euro"], "english")
