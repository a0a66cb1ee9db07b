"""Finds tables in plain lines: cells that tabs, upright lines or two and more spaces keep apart."""

import re
from collections.abc import Iterator, Sequence
from statistics import mean

from rag_service.adapters.parsing.questions import answer_mark, question_mark
from rag_service.adapters.parsing.tables.cutting import SEGMENT, by_lines, by_spaces, by_tabs
from rag_service.adapters.parsing.tables.grid import Row

MIN_ROWS = 3
MAX_LINE_CHARACTERS = 2_000
MAX_CELL_CHARACTERS = 25
"""Of the cells of a column on average; longer ones are text in columns."""
MAX_LONG_CELL_CHARACTERS = 120
"""Of the cells of one column at most, which may hold remarks."""
MAX_CELL_WORDS = 4.0
MIN_FILLED_SHARE = 0.7
MAX_CODE_SHARE = 0.25
MAX_EMPTY_SHARE = 0.3
"""More empty lines are a way of writing; fewer separate tables."""
_GAP = re.compile(r"\S(?: {2,}|[ ]*\t[ \t]*|[ \t]+\|[ \t]+)(?=\S)|^[ \t]*\|.*\|[ \t]*$")
_RULE = re.compile(r"[-=_+|:~ \t─━═┼│]{3,}")
_CODE = re.compile(
    r"[{};\\]\s*$|(?:;\s*| {2})(?://|/\*|#|--) |^\s*(?:#|//|/\*|\*/|\$ |>>> |<\w|@\w)"
    r"|[\w\])]\s*(?:=|:=|==|->|=>|\+=)\s+\S|\w\(\)"
    r"|^\s*(?:def|class|if|for|while|return|import|from|let|const|var|int|void|public|private|static|else|function"
    r"|SELECT|WHERE|FROM)\b.*(?:[({=]|:$)"
)
_ITEM = re.compile(r"(?:[-*•●▪►»>+]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[^\W\d_])[.):]+)")
_LEGIBLE = re.compile(r"[^\W_]")


def has_gap(line: str) -> bool:
    """Return whether a line may be a row: a gap stands between its words."""
    return may_hold_table(line) and len(line) <= MAX_LINE_CHARACTERS and _GAP.search(line.strip()) is not None


def may_hold_table(text: str) -> bool:
    """Return whether a text holds signs that could keep cells apart; most texts don't, and this is quick."""
    return "  " in text or "\t" in text or "|" in text


def is_rule(line: str) -> bool:
    """Return whether a line is drawn, as below the names of columns."""
    return _RULE.fullmatch(line.strip()) is not None


def tables_in(text: str) -> Iterator[str | list[Row]]:
    """Yield the lines of a text that are no table as text, and each table as its rows, in their order."""
    prose: list[str] = []
    rows: list[str] = []
    doubtful = ""
    """A line that is a row only if a row follows."""
    for line in [*text.split("\n"), "end"]:
        if has_gap(line) or (rows and (is_rule(line) or not line.strip() or _continues(line, rows[-1]))):
            rows += [doubtful] if doubtful else []
            rows.append(line)
            doubtful = ""
            continue
        if rows and not doubtful and _crosses(line, rows[-1]):
            doubtful = line
            continue
        if rows:
            found = grid(rows)
            if found:
                above = "\n".join(prose)
                if above.strip() and not is_rule(above):
                    yield above
                yield found
                prose = []
            else:
                prose += rows
            rows = []
        prose += [doubtful] if doubtful else []
        doubtful = ""
        prose.append(line)
    prose.pop()
    below = "\n".join(prose)
    if below.strip() and not (prose != text.split("\n") and is_rule(below)):
        yield below


def grid(lines: Sequence[str]) -> list[Row]:
    """Return the rows of a table of these lines; none where they aren't one."""
    ruled = sum(map(is_rule, lines))
    kept = [line for line in lines if not is_rule(line)]
    filled = [line for line in kept if line.strip()]
    if len(filled) < MIN_ROWS - bool(ruled) or _is_code(filled) or _is_faq(filled):
        return []
    for cut in (by_lines, by_tabs, by_spaces):
        cells = cut(filled)
        if cells and _is_table(cells):
            break
    else:
        return []
    spread = len(kept) - len(filled) > MAX_EMPTY_SHARE * len(kept)
    remaining = iter(cells)
    rows: list[Row] = []
    for line in kept:
        if not line.strip():
            if not spread:
                rows.append(Row([]))
            continue
        found = next(remaining)
        if rows and rows[-1].cells and not found[0] and sum(map(bool, found)) == 1:
            # The cell of the row above goes on.
            rows[-1] = Row([" ".join(filter(None, pair)) for pair in zip(rows[-1].cells, found, strict=True)])
        else:
            rows.append(Row(found))
    return rows


def _continues(line: str, row: str) -> bool:
    """Return whether a line may go on with a cell of the row above: it is indented to behind the first column."""
    indent = len(line) - len(line.lstrip())
    return line.startswith("  ") and indent > len(row) - len(row.lstrip()) + 2


def _crosses(line: str, row: str) -> bool:
    """Return whether a line without a gap may be a row: its cells begin where those of the row above do."""
    starts = [segment.start() for segment in SEGMENT.finditer(row)][1:]
    return bool(starts) and all(line[at - 1 : at] == " " and line[at : at + 1].strip() for at in starts)


def _is_code(lines: Sequence[str]) -> bool:
    return sum(1 for line in lines if _CODE.search(line)) > MAX_CODE_SHARE * len(lines)


def _is_faq(lines: Sequence[str]) -> bool:
    return any(map(question_mark, lines)) and any(map(answer_mark, lines))


def _is_table(cells: Sequence[Sequence[str]]) -> bool:
    columns = [[cell for cell in column if cell] for column in zip(*cells, strict=True)]
    if len(columns) < 2 or not all(columns):
        return False
    if sum(len(column) >= MIN_FILLED_SHARE * len(cells) for column in columns) < 2 or len(columns[0]) * 2 < len(cells):
        return False
    if len(columns) == 2 and all(_ITEM.fullmatch(cell) for cell in columns[0]):
        # A list.
        return False
    legible = [_LEGIBLE.search(cell) is not None for column in columns for cell in column]
    if sum(legible) < MIN_FILLED_SHARE * len(legible):
        return False
    long = [
        column
        for column in columns
        if mean(map(len, column)) > MAX_CELL_CHARACTERS or mean(len(cell.split()) for cell in column) > MAX_CELL_WORDS
    ]
    return len(long) <= (len(columns) > 1) and all(
        max(map(len, column)) <= MAX_LONG_CELL_CHARACTERS for column in columns
    )
