"""Answers a question in words of the same meaning, of its language or another one, where its own find nothing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from rag_service.domain.answering.answer_kind import CHECKED_KINDS, asked_kind, asks_money, holds, holds_money
from rag_service.domain.answering.extraction import Extracted
from rag_service.domain.answering.language.glossary import in_other_languages
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.same_meaning import Wording, wordings
from rag_service.domain.answering.language.spelling import KnowsWord
from rag_service.domain.answering.language.text_features import numbers, stem
from rag_service.domain.answering.language.word_match import Words, asked_words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.named_columns import lacks_named_cell
from rag_service.domain.answering.tables.people_groups import is_for_others
from rag_service.domain.answering.tables.table_words import is_english, reworded
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.answering.values.cell_kinds import asked_dimension, has_time, names_duration
from rag_service.domain.document import PassageKind
from rag_service.domain.languages import ENGLISH, QUESTION_VERBS, language_of
from rag_service.domain.passage import Passage
from rag_service.domain.terms import plainest
from rag_service.usecases.assess_passages import Embed
from rag_service.usecases.finding import Finder

Attempt = tuple[list[AssessedPassage], Extracted]
"""The passages that were read for a question, and its answer."""

SURE = 0.85
"""The confidence from which an answer in the question's own words stands."""
MIN_PROBABILITY = 0.22
"""That a unit answers which holds the words of the question: words in a row are no sentence, and look less likely."""
MIN_OF_ROWS = 0.78
"""The confidence from which a row or another text without a language answers."""
SAME_WORD = 0.9
MIN_SHARED = 2
"""Words of the question that the answer holds, and at least half of them with its headings."""
MIN_OF_TEXT = 0.75
"""The confidence from which a text answers that has other words than the question."""
SAME_MEANING_SHARE = 0.95
"""The factor of such an answer's confidence."""
MAX_MISSING_SHARE, MAX_MISSING_OF_SURE = 1 / 3, 1 / 2
"""Of the words of a question that an answer in other words and its headings may lack, and that a sure one may."""
SHARE = 0.9
"""The factor of the confidence of an answer in another language; nobody checks the choice of the words."""
_FREE = ("steps", "reason", "anything")
"""Kinds of questions that no kind of value answers: their words must all the more be there."""
_WHAT_IF = re.compile(r"(?i)^\W*(?:what if|was,? (?:wenn|falls)|et si|(?:y|qué pasa) si|e se|wat als)\b")
_IS_TEXT = re.compile(r"[.!?:;。！？]|\d")
"""Stands in a sentence or a list, but in no title."""
_HOW = re.compile(r"(?i)\bhow [^\W\d_]+")
_QUESTION_VERBS = frozenset(fold(stem(word)) for words in QUESTION_VERBS.values() for word in [*words.split(), "along"])
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")


class AttemptIn(Protocol):
    """Attempts to answer a query."""

    def __call__(self, query: str, least: float | None = None, instead: Sequence[str] = ()) -> Attempt:
        """Return the passages and the answer.

        `least`: the probability from which a unit is quoted; None: the usual one. `instead`: words of the query that
        stand for those of the question.
        """


def answered_in_further_words(
    question: str, first: Attempt, finder: Finder, embed: Embed | None, knows: KnowsWord | None, attempt: AttemptIn
) -> Attempt:
    """Return the answer to a question in words that texts have for the same, in other languages or in those of tables.

    `first` where none of them answers. `embed`, `knows`: as in `answered_in_words_of_tables`.
    """
    first = answered_in_words_of_texts(question, first, lambda: finder.further(question), attempt)
    first = answered_in_other_words(question, first, lambda: finder.further(question), attempt)
    return answered_in_words_of_tables(question, first, lambda: finder.tables(question), embed, knows, attempt)


def answered_in_other_words(
    question: str, first: Attempt, near: Callable[[], Sequence[Passage]], attempt: AttemptIn
) -> Attempt:
    """Return the answer to a question, tried in other languages if its own words find none that is sure.

    `near` returns the passages in whose languages it is tried, and in English. Only a text that is not in the
    question's language counts.
    """
    language = language_of(question) or ENGLISH
    if first[1].cited and (language == ENGLISH or first[1].confidence >= SURE):
        return first
    for translated in in_other_languages(question, _wanted(language, first[0], near)):
        found, extracted = attempt(translated, MIN_PROBABILITY)
        confidence = round(extracted.confidence * SHARE, 4)
        if confidence > first[1].confidence and _fits(question, translated, language, found, extracted):
            return found, replace(extracted, confidence=confidence)
    return first


def _wanted(language: str, found: Sequence[AssessedPassage], near: Callable[[], Sequence[Passage]]) -> set[str]:
    """Return the languages in which a question is tried: English, and that of each near text.

    Of a company that has the same rules in several languages those in the question's own count: where one of them may
    answer, no third language is tried.
    """
    own = (each for each in found if language_of(each.passage.text) == language)
    if language != ENGLISH and any(unit.probability >= MIN_PROBABILITY for each in own for unit in each.units):
        return {ENGLISH}
    there = (language_of(each.text) for each in near())
    return {ENGLISH, *(each for each in there if each)}


def _fits(question: str, reworded: str, language: str, found: list[AssessedPassage], extracted: Extracted) -> bool:
    """Return whether an answer is of another language, and it holds the words and its document the names asked for."""
    text = " ".join(each.text for each in extracted.cited)
    if language_of(text) == language or (language_of(text) is None and extracted.confidence < MIN_OF_ROWS):
        return False
    cited = {chunk for each in extracted.cited for chunk in each.chunk_ids}
    passages = [each.passage for each in found if each.passage.chunk_id in cited]
    tables = [each.text for each in passages if each.kind is PassageKind.ROWS]
    if any(lacks_named_cell(question, row.text, table) for row in extracted.cited for table in tables):
        return False
    heads = " ".join([*map(subject_of, passages), *(each.title for each in passages)])
    answer, about = Words(text), Words(f"{heads} {text}")
    asked = asked_words(reworded)
    held = [word for word in asked if answer.holds(word) >= SAME_WORD]
    with_heads = [word for word in asked if about.holds(word) >= SAME_WORD]
    whole = Words(" ".join([heads, *(each.text for each in passages)]))
    if tables and set(held) <= set(asked_words(question)):
        # No word tells that the row is in another language.
        return False
    # The asked kind of value, which is there, says as much as a word does; in a row it may be about another thing, and
    # an amount without a unit is any number.
    kind = asked_kind(question)
    valued = not tables and kind in CHECKED_KINDS and (kind != "amount" or asks_money(question))
    subject = subject_words(reworded) if valued else ()
    enough = len(held) >= MIN_SHARED or (bool(subject) and all(answer.holds(word) == 1 for word in subject))
    return (
        enough
        and 2 * len(with_heads) >= len(asked)
        and identifiers(question).named_in(whole.raw)
        and _holds_value(question, text, rows=bool(tables))
    )


def answered_in_words_of_texts(
    question: str, first: Attempt, near: Callable[[], Sequence[Passage]], attempt: AttemptIn
) -> Attempt:
    """Return the answer to a question in the words that texts have for the same, if it has none yet; else `first`.

    `near` returns the passages whose words count. The answer or its headings must have a word that stands for one of
    the question's.
    """
    if first[1].cited:
        return first
    texts = ["\n".join([each.title, *each.heading, each.text]) for each in near()]
    for wording in wordings(question, texts, language_of(question) or ENGLISH):
        found, extracted = attempt(wording.question, instead=wording.words)
        if extracted.cited and _is_asked(question, wording, found, extracted):
            return found, replace(extracted, confidence=round(extracted.confidence * SAME_MEANING_SHARE, 4))
    return first


def _is_asked(question: str, wording: Wording, found: Sequence[AssessedPassage], extracted: Extracted) -> bool:
    """Return whether an answer holds the asked kind of thing and a word of the wording, and with its headings and title
    the names and most of the words of the question."""
    text = " ".join(each.text for each in extracted.cited)
    cited = {chunk for each in extracted.cited for chunk in each.chunk_ids}
    passages = [each.passage for each in found if each.passage.chunk_id in cited]
    rows = all(each.kind is PassageKind.ROWS for each in passages)
    if not all(_holds_value(each, text, rows=rows) for each in (question, wording.question)):
        return False
    own = Words(" ".join([*(heading for each in passages for heading in each.heading[-1:]), text]))
    if wording.words and not any(_holds_all(own, phrase) for phrase in wording.words):
        return False
    whole = Words(" ".join([text, *(" ".join([subject_of(each), *each.heading, each.title]) for each in passages)]))
    names = [*identifiers(question).names, *(stem(each.casefold()) for each in _ACRONYM.findall(question))]
    asked = [word for word in subject_words(_HOW.sub(" ", wording.question)) if word not in _QUESTION_VERBS]
    missing = [word for word in asked if not whole.holds(word)]
    free = asked_kind(question) in _FREE or _WHAT_IF.search(question) is not None
    sure = extracted.confidence >= SURE and not free
    share = MAX_MISSING_OF_SURE if sure else MAX_MISSING_SHARE
    return (
        (rows or (extracted.confidence >= MIN_OF_TEXT and _IS_TEXT.search(text) is not None))
        and whole.raw.issuperset(map(plainest, names))
        and len(missing) <= share * len(asked)
    )


def _holds_all(there: Words, phrase: str) -> bool:
    return all(there.holds(word) >= SAME_WORD for word in asked_words(phrase))


def _holds_value(question: str, text: str, *, rows: bool) -> bool:
    """Return whether a text holds the asked kind of value: how long or when by a number, a day or a month."""
    kind = asked_kind(question)
    if not holds(kind, text) or (asks_money(question) and not holds_money(text, row=rows)):
        return False
    if asked_dimension(question) == "duration":
        return names_duration(text)
    return kind != "time" or has_time("", text) or not numbers(text) <= {"1"}


def answered_in_words_of_tables(
    question: str,
    first: Attempt,
    find_tables: Callable[[], Sequence[Passage]],
    embed: Embed | None,
    knows: KnowsWord | None,
    attempt: AttemptIn,
) -> Attempt:
    """Return the answer to a question put into the words of tables, if it has none yet; else `first`.

    `embed`: the multilingual encoder; None: no answer. `knows`: whether a word is English; of an English question
    only tables in other languages are read.
    """
    if first[1].cited or embed is None:
        return first
    tables = find_tables()
    language = language_of(question)
    if language == ENGLISH or (language is None and (knows is None or is_english(question, knows))):
        tables = [each for each in tables if knows and not is_english(each.text, knows)]

    def cosines(words: Sequence[str], cells: Sequence[str]) -> list[list[float]]:
        rows = np.asarray(embed([*words, *cells]))
        found: list[list[float]] = (rows[: len(words)] @ rows[len(words) :].T).tolist()
        return found

    other = reworded(question, [each.text for each in tables], cosines)
    if other is None:
        return first
    found, extracted = attempt(other.question)
    heads = {each.passage.chunk_id: " ".join([*each.passage.heading, each.passage.title]) for each in found}
    fits = [other.fits_row(each.text, " ".join(heads.get(one, "") for one in each.chunk_ids))
            for each in extracted.cited]  # fmt: skip
    if not fits or not all(fits) or any(is_for_others(question, each.text) for each in extracted.cited):
        return first
    return found, replace(extracted, confidence=round(extracted.confidence * SHARE, 4))
