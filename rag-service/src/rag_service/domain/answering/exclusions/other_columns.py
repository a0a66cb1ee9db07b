"""Tells the rows of a rota or a timetable in which the named thing stands below another head than the asked one.

"When is Fay on the late shift?" is not answered by the row in which Fay is on the early one; nor "Is there judo on
Tuesday?" by that of Monday's judo.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.named_columns import asked_days, days_of, is_day, named_columns
from rag_service.domain.answering.units.found_unit import FoundUnit

SAME_WORD = 0.9
"""How far a value must hold a word."""
_Table = tuple[object, ...]


def below_other_heads(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the rows that hold a word of the question, but in none of the columns that it names.

    Another row has it in such a column; or all columns that have it are days of the week, as the named one is. A word
    that some row has in its first cell names rows, and not what stands below a head.
    """
    tables: defaultdict[_Table, list[FoundUnit]] = defaultdict(list)
    for each in found:
        if each.unit.unit.kind == "row":
            tables[each.assessed.passage.document_id, each.assessed.passage.heading].append(each)
    days, subject = asked_days(question), [word for word in subject_words(question) if word.isalpha()]
    return [row for rows in tables.values() for row in _below_others(question, subject, days, rows)]


def _below_others(
    question: str, subject: Sequence[str], days: set[int], rows: Sequence[FoundUnit]
) -> Iterable[FoundUnit]:
    every = [list(cells(each.core.shown)) for each in rows]
    named = set(named_columns(question, list(dict.fromkeys(name for row in every for name, _ in row if name))))
    if not named:
        return
    heads = Words(" ".join(named))
    of_days = bool(days) and all(days_of(name) for name in named)
    for word in subject:
        if is_day(word) or heads.holds(word):
            continue
        there = [{at for at, (_, value) in enumerate(row) if Words(value).holds(word) >= SAME_WORD} for row in every]
        if any(0 in places for places in there):
            continue
        below = [{row[at][0] for at in places} for row, places in zip(every, there, strict=True)]
        columns = set().union(*below)
        if columns & named or (of_days and columns and all(days_of(name) for name in columns)):
            yield from (row for row, own in zip(rows, below, strict=True) if own and not own & named)
