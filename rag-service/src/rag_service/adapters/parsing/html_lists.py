"""The marks of list items as a browser shows them: bullets, numbers, letters, Roman numbers."""

import re
from typing import Any

from rag_service.adapters.parsing.numerals import lettered, roman

BULLET = "-"
MAX_NUMBER = 1_000_000
_INTEGER = re.compile(r"\s*[-+]?\d{1,7}\s*")
_TYPE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*\b(lower-alpha|upper-alpha|lower-latin|upper-latin|lower-roman|upper-roman"
    r"|decimal-leading-zero|decimal|none|disc|circle|square)\b",
    re.IGNORECASE,
)
_KINDS = {
    "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A", "lower-roman": "i",
    "upper-roman": "I", "decimal": "1", "decimal-leading-zero": "01",
}  # fmt: skip


class ItemMarks:
    """Counts the items of a page's lists."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}

    def mark(self, item: Any) -> str:
        """Return the mark of the next item: `-`, `3.`, `b.`, `iv.`."""
        above = item.parent
        if above is None or above.tag != "ol":
            return BULLET
        attributes = above.attributes
        kind = _kind(attributes)
        step = -1 if "reversed" in attributes else 1
        number = _integer(item.attributes.get("value"))
        if number is None:
            number = self._next.get(above.mem_id)
        if number is None:
            number = _integer(attributes.get("start"))
        if number is None:
            number = 1 if step == 1 else sum(1 for each in above.iter() if each.tag == "li")
        self._next[above.mem_id] = number + step
        return f"{_written(number, kind)}." if kind else BULLET


def _kind(attributes: Any) -> str:
    if styled := _TYPE.search((attributes.get("style") or "")[:1_000]):
        return _KINDS.get(styled[1].lower(), "")
    given = (attributes.get("type") or "1").strip()
    return given if given in ("a", "A", "i", "I") else "1"


def _written(number: int, kind: str) -> str:
    if number < 1 or kind == "1":
        return str(number)
    if kind == "01":
        return f"{number:02d}"
    text = lettered(number) if kind in "aA" else roman(number)
    return text.upper() if kind in "AI" else text


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and _INTEGER.fullmatch(text) and abs(int(text)) <= MAX_NUMBER else None
