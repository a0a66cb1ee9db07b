"""Answers from a whole table, such as the cheapest article or the rooms with a projector, and quotes the rows.

The passages that were found hold some rows of a table; what is computed needs all of them, so they are read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.editions.editions import superseded
from rag_service.domain.answering.extraction import MAX_ROWS, Extracted
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.tables.table_questions import TableQuestion, names_extreme, table_question
from rag_service.domain.answering.tables.whole_table import Row, TableAnswer, computed, tables
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.answering.units.found_unit import add
from rag_service.domain.document import PassageKind
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import safe_sentences_of

RowsOf = Callable[[UUID, int], Sequence[Passage]]
"""Takes a document and a number; returns its passages of rows, none if there are more."""

MAX_DOCUMENTS = 3
"""Documents whose tables are read whole."""
MAX_PASSAGES = 200
"""Passages of rows of one document; a larger table is not read whole."""
NEARER = 1.5
"""How many times as high the score of a table's document must be to be meant rather than another one that fits."""
CONFIDENCE = 0.85
"""Of a computed answer; no held-out questions say more."""
SURE_TEXT = 0.88
"""The confidence from which a sentence answers rather than a computation."""


def no_rows(_document: UUID, _most: int) -> Sequence[Passage]:
    """Return no rows, where tables can't be read whole."""
    return ()


@dataclass(frozen=True)
class _Table:
    """The rows of one table with their passages, and what it says for a question."""

    places: Sequence[tuple[AssessedPassage, Sentence]]
    rows: Sequence[Row]
    answer: TableAnswer
    fit: int
    """How many words of the question its columns, headings and title have."""


def answered_from_table(
    question: str, found: Sequence[AssessedPassage], extracted: Extracted, rows_of: RowsOf
) -> tuple[list[AssessedPassage], Extracted]:
    """Return the passages and the answer, computed where the question asks for it and a table allows it.

    A question for the cheapest of all is not answered with any single row.
    """
    asked = table_question(question)
    if asked is None or (extracted.confidence >= SURE_TEXT and not _of_rows(found, extracted)):
        return list(found), extracted
    if table := _best_table(asked, question, found, rows_of):
        cited: list[Cited] = []
        chosen = [table.places[index] for index in table.answer.rows]
        for assessed, sentence in chosen[:MAX_ROWS]:
            add(cited, assessed, sentence, keep_alike=True)
        known = {each.passage.chunk_id for each in found}
        more = {each.passage.chunk_id: each for each, _ in chosen if each.passage.chunk_id not in known}
        if cited:
            note = _note(asked, table.answer, chosen[0][0].passage.title)
            return [*found, *more.values()], Extracted(tuple(cited), CONFIDENCE, (note,))
    if asked.asked in ("extreme", "total") and _of_rows(found, extracted) and not _names_a_row(question, extracted):
        return list(found), Extracted()
    return list(found), extracted


def _best_table(
    asked: TableQuestion, question: str, found: Sequence[AssessedPassage], rows_of: RowsOf
) -> _Table | None:
    """Return the table that answers; None where none does, or several do equally."""
    ordered = sorted(found, key=lambda each: -each.passage.score)
    old = superseded(question, (each.passage for each in ordered), date.today())
    documents = dict.fromkeys(
        each.passage.document_id
        for each in ordered
        if each.passage.kind is PassageKind.ROWS and each.passage.document_id not in old
    )
    made: list[_Table] = []
    for document in list(documents)[:MAX_DOCUMENTS]:
        by_heading: dict[tuple[str, ...], list[Passage]] = {}
        for passage in rows_of(document, MAX_PASSAGES):
            by_heading.setdefault(passage.heading, []).append(passage)
        for heading, passages in by_heading.items():
            about = Words(" ".join([*heading, passages[0].title]))
            for places, rows in tables(_lines(passages)):
                if answer := computed(asked, rows, about):
                    named = Words(" ".join(name for name, _ in rows[0]))
                    fit = sum(max(about.holds(word), named.holds(word)) >= 0.9 for word in asked.subject)
                    made.append(_Table(places, rows, answer, fit))
    # A table without such a row says nothing where another one has some.
    made = [each for each in made if each.answer.rows] or made
    best = [each for each in made if each.fit == max(other.fit for other in made)]
    scores = {each.passage.document_id: each.passage.score for each in reversed(ordered)}
    nearest, *others = sorted((scores[each.places[0][0].passage.document_id] for each in best), reverse=True) or (0.0,)
    if len(best) > 1 and nearest >= NEARER * others[0]:
        best = [each for each in best if scores[each.places[0][0].passage.document_id] == nearest]
    return best[0] if len(best) == 1 else None


def _lines(passages: Sequence[Passage]) -> list[tuple[tuple[AssessedPassage, Sentence], str]]:
    lines = []
    for passage in passages:
        sentences = safe_sentences_of(passage)
        assessed = AssessedPassage(passage, sentences, (), 0.0)
        lines += [((assessed, each), each.shown) for each in sentences if each.kind == "table"]
    return lines


def _note(asked: TableQuestion, answer: TableAnswer, title: str) -> str:
    if asked.asked == "extreme":
        return f"Compared by “{answer.column}” among {answer.of} rows of {title}."
    shown = f" The first {MAX_ROWS} are shown." if len(answer.rows) > MAX_ROWS else ""
    return f"Counted in {title}: {len(answer.rows)} of {answer.of} rows.{shown}"


def _of_rows(found: Sequence[AssessedPassage], extracted: Extracted) -> bool:
    if not extracted.cited:
        return False
    rows = {each.passage.chunk_id for each in found if each.passage.kind is PassageKind.ROWS}
    return rows.issuperset(extracted.cited[0].chunk_ids)


def _names_a_row(question: str, extracted: Extracted) -> bool:
    named = identifiers(question)
    return bool(named.codes or named.names) or names_extreme(extracted.cited[0].text)
