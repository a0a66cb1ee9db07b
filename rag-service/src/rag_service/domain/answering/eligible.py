"""Keeps the units that may answer a question: those about its subject and its year, week or month."""

from collections.abc import Sequence

from rag_service.domain.answering.assessed_passage import subject_of
from rag_service.domain.answering.found_unit import FoundUnit
from rag_service.domain.answering.other_periods import speaks_of_another_period
from rag_service.domain.answering.row_subject import about_other_things


def eligible(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the units without the rows about other things, and without those of another period."""
    others = about_other_things(question, found)
    return [each for each in found if each not in others and not _of_another_period(question, each)]


def _of_another_period(question: str, found: FoundUnit) -> bool:
    if found.unit.unit.kind != "row":
        return speaks_of_another_period(question, found.quoted)
    passage = found.assessed.passage
    heads = [*reversed(passage.heading), subject_of(passage), passage.title]
    return speaks_of_another_period(question, found.core.shown, heads)
