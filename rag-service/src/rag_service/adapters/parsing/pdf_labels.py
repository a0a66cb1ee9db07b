"""Finds the text on the page that names each field of a form."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag_service.adapters.parsing.cleaning import one_line, short
from rag_service.adapters.parsing.pdf_drawing import Box
from rag_service.adapters.parsing.pdf_pieces import Piece

MAX_LABEL_CHARACTERS = 100
BESIDE_POINTS, ABOVE_POINTS, BEHIND_POINTS = 260.0, 30.0, 24.0
SAME_ROW_POINTS = 4.0


@dataclass(frozen=True)
class Field:
    """A field of a form."""

    place: Box
    name: str
    """Its author's name for it, which is seldom made for people."""
    value: str
    box: bool = False
    """It is ticked, `yes`, or not, `no`."""
    choice: bool = False
    """It is one of several boxes of which one is ticked."""


def labelled(fields: Sequence[Field], pieces: Sequence[Piece]) -> list[str]:
    """Return `label: value` of each filled field; fields below the names of columns stand together by their rows."""
    found: list[str] = []
    used: set[str] = set()
    row: Field | None = None
    for field in fields:
        label, in_column = _label(field, fields, pieces)
        if not field.value or (field.choice and field.value == "no"):
            continue
        if field.choice and field.name and label:
            line = _line(field.name, label)
        elif in_column:
            line = _line(label, field.value)
            if row is not None and abs(row.place[1] - field.place[1]) <= SAME_ROW_POINTS:
                found[-1] += f"; {line}"
                continue
            row = field
            found.append(line)
            continue
        else:
            if label in used and field.name:
                label = f"{label} ({field.name})"
            used.add(label)
            line = _line(label or field.name or "field", field.value)
        row = None
        found.append(line)
    return found


def _line(label: str, value: str) -> str:
    return f"{label} {value}" if label.endswith("?") else f"{label}: {value}"


def _label(field: Field, fields: Sequence[Field], pieces: Sequence[Piece]) -> tuple[str, bool]:
    """Return the text that names a field, empty if there is none, and whether it names a column of fields."""
    left, bottom, right, top = field.place
    level = [each for each in pieces if bottom - 3 <= each.base + 0.3 * each.size <= top + 3]
    after = [each for each in level if each.left >= right - 4 and each.left - right < BEHIND_POINTS]
    if field.box and after:
        return _shown(min(after, key=lambda each: each.left)), False
    before = [each for each in level if each.right <= left + 4 and left - each.right < BESIDE_POINTS]
    if before and not _any_between(last := max(before, key=lambda each: each.right), field, fields):
        return _shown(last), False
    above = [each for each in pieces if each.base >= top - 2 and each.left < right and each.right > left]
    if not above:
        return "", False
    nearest = min(above, key=lambda each: each.base)
    others = [each.place for each in fields if each is not field and each.place[0] < right and each.place[2] > left]
    if any(top - 2 <= other[1] and other[3] <= nearest.base + 2 for other in others):
        return _shown(nearest), True
    below = any(other[3] <= bottom + 2 for other in others)
    return (_shown(nearest), below and bool(fields[1:])) if nearest.base - top < ABOVE_POINTS else ("", False)


def _any_between(piece: Piece, field: Field, fields: Sequence[Field]) -> bool:
    """Return whether another field stands between a text and a field: it is that field's text then."""
    left, bottom, _, top = field.place
    return any(
        piece.right - 2 <= other.place[0] and other.place[2] <= left + 2
        for other in fields
        if other is not field and other.place[1] < top and other.place[3] > bottom
    )


def _shown(piece: Piece) -> str:
    return short(one_line(piece.text).rstrip(" :._…"), MAX_LABEL_CHARACTERS)
