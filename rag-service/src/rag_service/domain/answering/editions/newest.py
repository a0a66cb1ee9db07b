"""Answers from the newest edition of a document: an old one is not quoted where its successor differs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from rag_service.domain.answering.editions.difference import shared_words
from rag_service.domain.answering.editions.editions import Edition, asked_edition, editions
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.sentence_choice import MIN_OUTSTANDING
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.units.found_unit import FoundUnit

MIN_LIKENESS = 0.35
"""The share of words, but for figures, from which a sentence of the successor says something about the same thing."""
BESIDE = 0.5
"""How near, as a share, the probability of a further sentence of the successor must be to its best one's."""
MAX_BESIDE = 4


def of_newest(
    question: str, found: Sequence[FoundUnit], threshold: float, today: date | None = None
) -> tuple[list[FoundUnit], list[str]]:
    """Return the units without those of superseded editions, likeliest first, and notes for the reader.

    A unit of an old edition that answers gives its probability to what the newest says about the same. If that says
    nothing about it, the old one is quoted with a note. A question for an old edition is answered by that one.
    """
    notes: list[str] = []
    for family in editions((each.assessed.passage for each in found), today):
        found = _of_family(question, list(found), family, threshold, notes)
    return sorted(found, key=lambda each: -each.probability), notes


def _of_family(
    question: str, found: list[FoundUnit], family: Sequence[Edition], threshold: float, notes: list[str]
) -> list[FoundUnit]:
    if asked := asked_edition(question, family):
        return _without(found, [each for each in family if each is not asked])
    newest, older = family[0], family[1:]
    theirs = _of(found, older)
    old = max(theirs, key=lambda each: each.probability, default=None)
    rest = _without(found, older)
    if old is None or old.probability < min(threshold, MIN_OUTSTANDING):
        return rest
    is_row = old.unit.unit.kind == "row"
    mine = [each for each in _of(rest, [newest]) if each.unit.named and (each.unit.unit.kind == "row") == is_row]
    successors = _successors(question, old, mine, threshold)
    if not successors:
        notes.append(f"{old.assessed.passage.title} is an older version{_dated(family, old)}; the newer one,"
                     f" {newest.title}, does not seem to say anything about this.")  # fmt: skip
        return found
    if all(each.quoted != old.quoted for each in successors):
        notes.append(f"An older version, {old.assessed.passage.title}{_dated(family, old)}, says something else.")
    probability = max(old.probability, successors[0].probability)
    raised = [
        replace(each, unit=replace(each.unit, probability=max(each.probability, probability - place / 1_000)))
        for place, each in enumerate(successors)
    ]
    return [*(each for each in rest if each not in successors), *raised]


def _successors(question: str, old: FoundUnit, mine: Sequence[FoundUnit], threshold: float) -> list[FoundUnit]:
    """Return what the newest edition says about what the old unit says, likeliest first."""
    best = max(mine, key=lambda each: each.probability, default=None)
    if best is None:
        return []
    twin = max(mine, key=lambda each: _likeness(old, each))
    alike = _likeness(old, twin) >= MIN_LIKENESS
    if old.unit.unit.kind == "row":
        return [twin] if alike else [best] if best.probability >= threshold else []
    if alike and twin.quoted == old.quoted:
        return [twin]
    if not alike and best.probability < threshold:
        return []
    asked = asked_words(question)
    near = [each for each in mine if each is best or (alike and each is twin) or (
        each.probability >= BESIDE * best.probability and each.assessed is best.assessed
        and _count(each, asked) >= _count(best, asked)
    )]  # fmt: skip
    main = twin if alike and twin.probability >= BESIDE * best.probability else best
    near.sort(key=lambda each: (each is not main, -each.probability))
    return near[:MAX_BESIDE]


def _count(found: FoundUnit, asked: Sequence[str]) -> int:
    words = Words(found.quoted)
    return sum(words.holds(word) > 0 for word in asked)


def _likeness(one: FoundUnit, other: FoundUnit) -> float:
    """Return how far two units speak of the same thing: rows by their first cells, texts by their words."""
    if one.unit.unit.kind == "row" == other.unit.unit.kind:
        first, second = (next(iter(cells(each.core.shown)), ("", "")) for each in (one, other))
        return float(first == second)
    return shared_words(one.quoted, other.quoted)


def _of(found: Sequence[FoundUnit], some: Sequence[Edition]) -> list[FoundUnit]:
    ids = _ids(some)
    return [each for each in found if each.assessed.passage.document_id in ids]


def _without(found: Sequence[FoundUnit], some: Sequence[Edition]) -> list[FoundUnit]:
    ids = _ids(some)
    return [each for each in found if each.assessed.passage.document_id not in ids]


def _ids(some: Sequence[Edition]) -> set[UUID]:
    return {each.document_id for each in some}


def _dated(family: Sequence[Edition], old: FoundUnit) -> str:
    day = next((each.day for each in family if each.document_id == old.assessed.passage.document_id), None)
    return f" ({day.isoformat()})" if day else ""
