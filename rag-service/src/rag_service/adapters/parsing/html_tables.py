"""The cells of a web page's table."""

from collections.abc import Callable, Iterator
from typing import Any

from rag_service.adapters.parsing.html_hidden import Hidden
from rag_service.adapters.parsing.tables import Cell

PARTS = ("thead", "tbody", "tfoot")
BOLD = ("b", "strong")
# A span may be any number in a page; a table of so many rows or columns is refused elsewhere.
MAX_SPAN = 1_000
_LAYOUT = ("table table", "h1", "h2", "h3", "h4", "h5", "h6", "ul ul")


def is_grid(table: Any) -> bool:
    """Return whether a table in another one's cell has several columns."""
    return any(sum(cell.tag in ("td", "th") for cell in _children(row)) > 1 for row, _ in _own_rows(table))


def is_data(table: Any) -> bool:
    """Return whether a table holds values; layout tables hold one column, headings or further tables."""
    widest, marked = 0, False
    for row, _ in _own_rows(table):
        cells = [cell.tag for cell in _children(row) if cell.tag in ("td", "th")]
        widest = max(widest, len(cells))
        marked = marked or "th" in cells
    return widest > 1 and (marked or not table.any_css_matches(_LAYOUT))


def caption(table: Any, text: Callable[[Any], str]) -> str:
    """Return the table's caption."""
    return next((text(child) for child in _children(table) if child.tag == "caption"), "")


def cells_of(table: Any, hidden: Hidden, text: Callable[[Any], str]) -> Iterator[tuple[list[Cell], bool]]:
    """Yield each row's cells, and whether the row is in the table's head. `text`: returns what an element shows."""
    for row, head in _own_rows(table):
        if hidden.hides("tr", row.attributes, on_colour=True):
            continue
        cells = [
            Cell(
                text(cell),
                _span(cell, "colspan"),
                _span(cell, "rowspan"),
                head=cell.tag == "th",
                strong=_is_bold(cell),
            )
            for cell in _children(row)
            if cell.tag in ("td", "th") and not hidden.hides(cell.tag, cell.attributes, on_colour=True)
        ]
        if cells:
            yield cells, head


def _own_rows(table: Any) -> Iterator[tuple[Any, bool]]:
    """Yield the table's rows, not those of tables in its cells, and whether they are in its head."""
    for child in _children(table):
        if child.tag == "tr":
            yield child, False
        elif child.tag in PARTS:
            for row in _children(child):
                if row.tag == "tr":
                    yield row, child.tag == "thead"


def _span(cell: Any, name: str) -> int:
    given = (cell.attributes.get(name) or "").strip()
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        return 1
    return min(int(given), MAX_SPAN) if name == "colspan" else int(given)


def _is_bold(cell: Any) -> bool:
    parts = [child for child in _children(cell) if child.tag != "-text" or child.text(deep=False).strip()]
    if len(parts) == 1 and parts[0].tag in ("p", "span", "div"):
        parts = [child for child in _children(parts[0]) if child.tag != "-text" or child.text(deep=False).strip()]
    return bool(parts) and all(part.tag in BOLD for part in parts)


def _children(node: Any) -> Iterator[Any]:
    child = node.child
    while child is not None:
        yield child
        child = child.next
