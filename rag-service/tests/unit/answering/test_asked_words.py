"""The words of a question that say what it is about, in each language."""

import pytest
from rag_service.domain.answering.language.word_match import Words, asked_words


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Quelle est la durée de l'essai chez vous ?", {"dure", "essai"}),
        ("Qu'est-ce que l'école rembourse ?", {"ecol", "rembours"}),
        ("Quando apre l'ufficio dell'azienda?", {"apre", "uficio", "azienda"}),
        ("Wie lange habe ich Zeit für die Rechnung?", {"zeit", "rechnung"}),
        ("¿Cuáles son los horarios de la piscina?", {"horario", "piscina"}),
        ("Hoeveel kost het onderhoud?", {"kost", "onderhoud"}),
        ("Who is in O'Brien's team, isn't she?", {"obrien", "team"}),
    ],
)
def test_little_words_are_none_of_them(question: str, words: set[str]) -> None:
    assert {word.replace("ff", "f") for word in asked_words(question)} == words


@pytest.mark.parametrize(
    ("word", "text"),
    [("année", "La prime d'année est versée."), ("ufficio", "Le chiavi dell'ufficio sono qui."), ("eau", "Pas d'eau.")],
)
def test_a_word_is_found_behind_an_elided_one(word: str, text: str) -> None:
    [asked] = asked_words(word)
    assert Words(text).holds(asked) == 1


@pytest.mark.parametrize(
    ("word", "text", "held"),
    [
        ("Untervermietung", "Haustiere sind untersagt.", False),
        ("Untervermietung", "Untervermieten dürfen Sie nicht.", True),
        ("entreprise", "L'entretien est mensuel.", False),
        ("control", "The controls are checked.", True),
    ],
)
def test_a_prefix_makes_no_family(word: str, text: str, held: bool) -> None:
    [asked] = asked_words(word)
    assert bool(Words(text).holds(asked)) is held
