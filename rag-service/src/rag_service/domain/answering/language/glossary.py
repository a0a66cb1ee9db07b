"""Translates a question's words by a list of general words: salary, sueldo, Gehalt, salaire, salaris.

The result is no sentence, but holds what passages and sentences are compared with.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from rag_service.domain.answering.answer_kind import CHECKED_KINDS, AnswerKind, asked_kind
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import COMMON, stem, tokens
from rag_service.domain.answering.language.word_match import asked_words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.values import cell_kinds
from rag_service.domain.languages import ENGLISH, language_of

LANGUAGES = (ENGLISH, "german", "french", "spanish", "dutch", "italian")
"""The columns of the list, in their order."""
MIN_KNOWN = 2
"""Words of a question that must be in the list, or one that asks for a kind of value."""
KNOWN_SHARE = 0.6
"""The share of its words, but for names and codes, that must be."""
MIN_BEGINNING, MAX_ENDING = 5, 3
"""Letters with which an inflected word must begin as one of the list does, and how many more it may have; a compound
such as `Betriebsrat` is another thing than its beginning."""
MIN_LETTERS = 4
"""Letters of a word that is looked up whatever its language; shorter ones mean other things elsewhere."""

_ASKING: dict[AnswerKind, tuple[str, ...]] = {
    "time": ("when", "wann", "quand", "cuándo", "wanneer", "quando"),
    "amount": ("how much", "wie viel", "combien", "cuánto", "hoeveel", "quanto"),
    "person": ("who", "wer", "qui", "quién", "wie is", "chi"),
    "place": ("where", "wo", "où", "dónde", "waar", "dove"),
    "steps": ("how do I", "wie kann ich", "comment", "cómo", "hoe kan ik", "come"),
    "reason": ("why", "warum", "pourquoi", "por qué", "waarom", "perché"),
    "decision": ("is", "ist", "est-ce que", "es", "is", "è"),
    "contact": ("phone number of", "Telefonnummer", "numéro de", "teléfono de", "telefoonnummer van", "numero di"),
}
_HOW_LONG = ("how long", "wie lange", "combien de temps", "cuánto tiempo", "hoe lang", "quanto tempo")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_LIST = Path(__file__).with_name("glossary.txt")


def in_other_languages(question: str, wanted: Collection[str] = LANGUAGES) -> Iterator[str]:
    """Yield a question's words in each other one of the wanted languages.

    Nothing where too few of its words are known.
    """
    language = language_of(question) or ENGLISH
    if language not in LANGUAGES:
        return
    for target in (each for each in LANGUAGES if each != language and each in wanted):
        if reworded := _reworded(question, language, target):
            yield reworded


@lru_cache(maxsize=4_096)
def translations(word: str) -> frozenset[str]:
    """Return what a word of `asked_words` is in the list's other languages, as such words.

    Nothing for short ones, and for those that mean different things in two languages, such as `camera`.
    """
    if len(word) < MIN_LETTERS:
        return frozenset()
    numbers = {words[word] for words in map(_words_of, LANGUAGES) if word in words}
    if len(numbers) > 1:
        return frozenset()
    columns = [
        frozenset(fold(stem(each.casefold())) for each in column)
        for number in numbers
        for column in _concepts()[number]
    ]
    return frozenset().union(*(each for each in columns if word not in each))


def _reworded(question: str, language: str, target: str) -> str | None:
    column = LANGUAGES.index(target)
    words = _words_of(language)
    names = identifiers(question).names
    kept: list[str] = []
    known = subject = missing = 0
    for place, word in enumerate(_WORD.findall(question)):
        folded = word.casefold()
        if found := _concept(folded, words):
            known += 1
            subject += bool(subject_words(folded))
            kept.append(_concepts()[found][column][0])
        elif any(map(str.isdigit, word)) or fold(stem(folded)) in names or (place and word[0].isupper()):
            kept.append(word)
        elif folded not in COMMON and asked_words(folded):
            missing += 1
            kept.append(word)
    kind = asked_kind(question)
    # Beside a thing the asked kind of value says as much as a word does.
    enough = known >= MIN_KNOWN or (subject and kind in CHECKED_KINDS)
    if not enough or known < KNOWN_SHARE * (known + missing):
        return None
    asking = _HOW_LONG if cell_kinds.asked_dimension(question) == "duration" else _ASKING.get(kind)
    return " ".join([*([asking[column]] if asking else []), *dict.fromkeys(kept)]) + "?"


def _concept(word: str, words: dict[str, int]) -> int | None:
    """Return the number of a word's concept: of the word itself, else of one that begins as it does."""
    if (found := words.get(fold(word))) is not None:
        return found
    folded = fold(stem(word))
    if (found := words.get(folded)) is not None:
        return found
    if len(folded) < MIN_BEGINNING or word in COMMON:
        return None
    begun = {
        number
        for each, number in words.items()
        if len(each) >= max(MIN_BEGINNING, len(folded) - MAX_ENDING) and folded.startswith(each)
    }
    return begun.pop() if len(begun) == 1 else None


@lru_cache(maxsize=1)
def _concepts() -> dict[int, tuple[tuple[str, ...], ...]]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return {
        number: tuple(tuple(each.split()) for each in line.split("|")) for number, line in enumerate(lines, 1) if line
    }


@lru_cache(maxsize=len(LANGUAGES))
def _words_of(language: str) -> dict[str, int]:
    """Return a language's words, without their endings too, with the numbers of their concepts."""
    found: dict[str, int] = {}
    for number, columns in _concepts().items():
        for word in columns[LANGUAGES.index(language)]:
            whole = fold(word.casefold())
            for form in (whole, fold(stem(word.casefold()))):
                # Without its ending `danse` is the little word "dans".
                if len(tokens(form)) == 1 and (form == whole or form not in COMMON):
                    found.setdefault(form, number)
    return found
