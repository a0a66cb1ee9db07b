"""Describes how far the columns of a row are those that a question asks for."""

from collections.abc import Mapping, Sequence

from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.columns import cells

RowFeatures = tuple[float, float, float, float, float, float, float]
NO_ROW: RowFeatures = (0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
VALUES_COUNT = 0.5
"""How much a word counts that only a value has, and no column's name."""
MAX_MISSING = 1
"""Words of a question that neither a row of which it says nothing else nor its heading has."""


def row_features(row: str, question: str, about: Words, columns: Mapping[str, float]) -> RowFeatures:
    """Return how far a row has the columns that are asked for.

    `about`: the words of its heading and document; `columns`: cosines of what is asked with column names. In their
    order: the share of what is asked beside the row's own values that a column names, the cosine of the nearest column,
    how much that is, how many words of it no cell has, whether no column names any of it, whether a column is only half
    of it ("Monthly fee" for "the setup fee"), and the share of the question's words among the values.
    """
    named_cells = list(cells(row))
    names = [name for name, _ in named_cells if name]
    values, named = Words(" ".join(value for _, value in named_cells)), Words(" ".join(names))
    asked = asked_words(question)
    rest = [word for word in asked if values.holds(word) < 1 and about.holds(word) < 1]
    held = [max(named.holds(word), values.holds(word) * VALUES_COUNT) for word in rest]
    return (
        (sum(held) / len(rest) if rest else 1.0) if names else 0.5,
        max((columns.get(name, 0.0) for name in names), default=0.0),
        len(rest) / max(1, len(asked)),
        float(sum(not each for each in held)) if names else 1.0,
        float(bool(rest) and not any(held)),
        _half(rest, question, names),
        sum(values.holds(word) == 1 for word in asked) / max(1, len(asked)),
    )


def is_about(row: Words, about: Words, asked: Sequence[str]) -> bool:
    """Return whether a row has a word of the question that its heading and document lack, or lacks one at most.

    "What happens to a meeting room if nobody comes?" asks nothing of a row of the list of meeting rooms.
    """
    missing = [word for word in asked if not row.holds(word) and not about.holds(word)]
    return len(missing) <= MAX_MISSING or any(row.holds(word) > about.holds(word) for word in asked)


def _half(rest: list[str], question: str, names: list[str]) -> float:
    mine = Words(question)
    halves = False
    for name in names:
        column = Words(name)
        held = [word for word in rest if column.holds(word)]
        if held and len(held) == len(rest):
            return 0.0
        halves = halves or (bool(held) and any(not mine.holds(word) for word in asked_words(name)))
    return float(halves)
