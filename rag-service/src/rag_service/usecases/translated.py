"""Answers a question by its words in another language, where documents and question have none in common."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rag_service.domain.answering.extraction import Extracted
from rag_service.domain.answering.language.glossary import in_other_languages
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.spelling import KnowsWord
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.named_columns import lacks_named_cell
from rag_service.domain.answering.tables.people_groups import is_for_others
from rag_service.domain.answering.tables.table_words import is_english, reworded
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.document import PassageKind
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import Embed

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
SHARE = 0.9
"""The factor of the confidence of an answer in another language; nobody checks the choice of the words."""


def answered_in_other_words(question: str, first: Attempt, attempt: Callable[[str, float], Attempt]) -> Attempt:
    """Return the answer to a question, tried in other languages if its own words find none that is sure.

    Only a text that is not in the question's language counts. `attempt` takes a query and the probability from which a
    unit is quoted.
    """
    language = language_of(question) or ENGLISH
    if first[1].cited and (language == ENGLISH or first[1].confidence >= SURE):
        return first
    for translated in in_other_languages(question):
        found, extracted = attempt(translated, MIN_PROBABILITY)
        if extracted.cited and _fits(question, translated, language, found, extracted):
            return found, replace(extracted, confidence=round(extracted.confidence * SHARE, 4))
    return first


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
    return len(held) >= MIN_SHARED and 2 * len(with_heads) >= len(asked) and identifiers(question).named_in(whole.raw)


def answered_in_words_of_tables(
    question: str,
    first: Attempt,
    find_tables: Callable[[], Sequence[Passage]],
    embed: Embed | None,
    knows: KnowsWord | None,
    attempt: Callable[[str], Attempt],
) -> Attempt:
    """Return the answer to a question put into the words of tables, if it has none yet; else `first`.

    `embed`: the multilingual encoder; None: no answer. `knows`: whether a word is English; of an English question
    only tables in other languages are read. `attempt` takes a query.
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
