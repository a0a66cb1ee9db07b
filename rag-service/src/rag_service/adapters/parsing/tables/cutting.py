"""Cuts lines of text into the cells of a table."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

MAX_CROSSED_SHARE = 0.2
"""A long cell may reach up to the next column, with one space between."""
MIN_ALIGNED_SHARE = 0.7
"""Of a column's cells, below each other; of a table's rows, with the usual number of cells."""
TAB_COLUMNS = 8
SEGMENT = re.compile(r"\S+(?: \S+)*")
_TABS = re.compile(r"[ ]*\t[ \t]*")
_WIDE = re.compile(r"[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6]")


def by_lines(lines: Sequence[str]) -> list[list[str]]:
    """Return the cells between upright lines."""
    if not all(" | " in line or _is_edged(line) for line in map(str.strip, lines)):
        return []
    return _even([[cell.strip() for cell in _without_edges(line).split("|")] for line in lines])


def _without_edges(line: str) -> str:
    line = line.strip()
    return line[1:-1] if _is_edged(line) else line


def _is_edged(line: str) -> bool:
    return len(line) > 1 and line.startswith("|") and line.endswith("|")


def by_tabs(lines: Sequence[str]) -> list[list[str]]:
    """Return the cells between tabs; several tabs are one gap, unless the lines have equally many."""
    if not all("\t" in line.strip() for line in lines):
        return []
    single = [[cell.strip() for cell in line.rstrip("\n").split("\t")] for line in lines]
    if len({len(cells) for cells in single}) == 1 and any(cells[0] for cells in single):
        return single
    return _even([_TABS.split(line.strip()) for line in lines])


def _even(cells: list[list[str]]) -> list[list[str]]:
    """Return rows of equally many cells, a last one that lacks filled up; none where they differ."""
    width = max(map(len, cells))
    if sum(len(row) == width for row in cells) < MIN_ALIGNED_SHARE * len(cells):
        return []
    return [[*row, *[""] * (width - len(row))] for row in cells]


def by_spaces(lines: Sequence[str]) -> list[list[str]]:
    """Return the cells between gaps that go through all lines."""
    lines = [_WIDE.sub("\\g<0>\0", line.expandtabs(TAB_COLUMNS).rstrip()) for line in lines]
    width = max(map(len, lines))
    changes = [0] * (width + 1)
    for line in lines:
        for segment in SEGMENT.finditer(line):
            changes[segment.start()] += 1
            changes[segment.end()] -= 1
    most = int(MAX_CROSSED_SHARE * len(lines))
    gutters: list[tuple[int, int]] = []
    covered, begins, seen = 0, -1, False
    for at, change in enumerate(changes[:width]):
        covered += change
        if covered > most:
            if seen and begins >= 0:
                gutters.append((begins, at))
            seen, begins = True, -1
        elif begins < 0:
            begins = at
    cells: list[list[str]] = []
    places: list[Counter[int]] = [Counter() for _ in range(2 * len(gutters) + 2)]
    for line in lines:
        ends = [end for _, end in gutters]
        for first, end in gutters:
            if line[end - 1 : end].strip() or (line[first:end].strip() and not line[end : end + 1].strip()):
                return []
        parts = [line[begins:end] for begins, end in pairwise([0, *ends, len(line)])]
        cells.append([part.strip().replace("\0", "") for part in parts])
        for at, (part, begins) in enumerate(zip(parts, [0, *ends], strict=True)):
            if part.strip():
                places[2 * at][len(part) - len(part.lstrip())] += 1
                places[2 * at + 1][begins + len(part.rstrip())] += 1
    return cells if all(map(_is_aligned, places[::2], places[1::2])) else []


def _is_aligned(starts: Counter[int], ends: Counter[int]) -> bool:
    """Return whether most cells of a column begin, or end, below each other."""
    most = max([*starts.values(), *ends.values()], default=0)
    return most >= MIN_ALIGNED_SHARE * starts.total()
