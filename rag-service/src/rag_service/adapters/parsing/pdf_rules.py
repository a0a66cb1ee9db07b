"""Finds tables in the rules of a page: cells are what rules part, and a missing rule joins cells."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag_service.adapters.parsing.pdf_drawing import Box

SNAP_POINTS = 2.5
"""Rules that are this near are one, and rules that end this near touch."""
MIN_RULE_POINTS = 4.0
MIN_COLUMN_POINTS, MIN_ROW_POINTS = 7.0, 4.5
"""Nothing is written in less room."""
MAX_CROSSINGS = 250_000
MAX_CELLS = 10_000
MIN_COLUMNS = 2


@dataclass(frozen=True)
class Grid:
    """A ruled table's geometry; rows count from the top."""

    lefts: list[float]
    """The edges of columns, from left to right; one more than columns."""
    tops: list[float]
    """The edges of rows, from top to bottom; one more than rows."""
    owners: list[list[tuple[int, int]]]
    """For each place, the row and column of the first place of its cell: cells may span several places."""

    @cached_property
    def depths(self) -> list[float]:
        """Return the edges of rows, counted downwards."""
        return [-top for top in self.tops]

    @property
    def frame(self) -> Box:
        """Return left, bottom, right, top."""
        return self.lefts[0], self.tops[-1], self.lefts[-1], self.tops[0]

    def place(self, across: float, up: float) -> tuple[int, int] | None:
        """Return the cell that a point lies in."""
        column = bisect_right(self.lefts, across) - 1
        row = bisect_right(self.depths, -up) - 1
        if not (0 <= row < len(self.owners) and 0 <= column < len(self.owners[0])):
            return None
        return self.owners[row][column]


@dataclass
class _Rule:
    at: float
    start: float
    end: float

    def reaches(self, place: float) -> bool:
        return self.start - SNAP_POINTS <= place <= self.end + SNAP_POINTS


def ruled_grids(rules: Sequence[Box]) -> list[Grid]:
    """Return the tables of a page's rules, outermost cells first."""
    across = _merged([_Rule((box[1] + box[3]) / 2, box[0], box[2]) for box in rules if _is_flat(box)])
    upright = _merged([_Rule((box[0] + box[2]) / 2, box[1], box[3]) for box in rules if _is_steep(box)])
    if not upright or not across or len(across) * len(upright) > MAX_CROSSINGS:
        return []
    found = []
    for flat, steep in _touching(across, upright):
        if grid := _grid(flat, steep):
            found.append(grid)
    return found


def _is_flat(box: Box) -> bool:
    return box[2] - box[0] >= MIN_RULE_POINTS and box[2] - box[0] > box[3] - box[1]


def _is_steep(box: Box) -> bool:
    return box[3] - box[1] >= MIN_RULE_POINTS and box[3] - box[1] > box[2] - box[0]


def _merged(rules: list[_Rule]) -> list[_Rule]:
    """Return rules at one place as one where they touch."""
    rules.sort(key=lambda rule: (rule.at, rule.start))
    by_place: list[list[_Rule]] = []
    for rule in rules:
        if by_place and rule.at - by_place[-1][0].at <= SNAP_POINTS:
            by_place[-1].append(rule)
        else:
            by_place.append([rule])
    found = []
    for near in by_place:
        at = near[0].at
        near.sort(key=lambda rule: rule.start)
        last = _Rule(at, near[0].start, near[0].end)
        for rule in near[1:]:
            if rule.start <= last.end + SNAP_POINTS:
                last.end = max(last.end, rule.end)
            else:
                found.append(last)
                last = _Rule(at, rule.start, rule.end)
        found.append(last)
    return found


def _touching(across: list[_Rule], upright: list[_Rule]) -> list[tuple[list[_Rule], list[_Rule]]]:
    """Return the groups of rules that touch or cross."""
    parents = list(range(len(across) + len(upright)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    for one, flat in enumerate(across):
        for other, steep in enumerate(upright, len(across)):
            if flat.reaches(steep.at) and steep.reaches(flat.at):
                parents[root(one)] = root(other)
    groups: dict[int, tuple[list[_Rule], list[_Rule]]] = {}
    for at in range(len(parents)):
        flats, steeps = groups.setdefault(root(at), ([], []))
        if at < len(across):
            flats.append(across[at])
        else:
            steeps.append(upright[at - len(across)])
    return [group for group in groups.values() if group[0] and group[1]]


def _grid(flat: list[_Rule], steep: list[_Rule]) -> Grid | None:
    # A table may be open at its sides: the ends of its rules are its frame then.
    left = min(min(rule.start for rule in flat), steep[0].at)
    right = max(max(rule.end for rule in flat), steep[-1].at)
    bottom = min(min(rule.start for rule in steep), flat[0].at)
    top = max(max(rule.end for rule in steep), flat[-1].at)
    lefts = _edges([left, right, *(rule.at for rule in steep)], MIN_COLUMN_POINTS)
    tops = _edges([bottom, top, *(rule.at for rule in flat)], MIN_ROW_POINTS)[::-1]
    columns, rows = len(lefts) - 1, len(tops) - 1
    if columns < MIN_COLUMNS or rows < 1 or rows * columns > MAX_CELLS:
        return None
    return Grid(lefts, tops, _owners(lefts, tops, flat, steep))


def _edges(places: list[float], apart: float) -> list[float]:
    """Return places in their order; near ones, between which no text has room, are one."""
    near: list[list[float]] = []
    for place in sorted(places):
        if near and place - near[-1][-1] <= apart:
            near[-1].append(place)
        else:
            near.append([place])
    return [(group[0] + group[-1]) / 2 for group in near]


def _owners(
    lefts: list[float], tops: list[float], flat: list[_Rule], steep: list[_Rule]
) -> list[list[tuple[int, int]]]:
    columns, rows = len(lefts) - 1, len(tops) - 1
    owners = [[(row, column) for column in range(columns)] for row in range(rows)]
    parted = [[False] * columns for _ in range(rows)]
    below = [[False] * columns for _ in range(rows)]
    middles = [(tops[row] + tops[row + 1]) / 2 for row in range(rows)]
    centres = [(lefts[column] + lefts[column + 1]) / 2 for column in range(columns)]
    for rule in steep:
        column = next((at for at in range(1, columns) if abs(lefts[at] - rule.at) <= MIN_COLUMN_POINTS), None)
        if column is not None:
            for row, middle in enumerate(middles):
                parted[row][column] |= rule.reaches(middle)
    for rule in flat:
        edge = next((at for at in range(1, rows) if abs(tops[at] - rule.at) <= MIN_ROW_POINTS), None)
        if edge is not None:
            for column, centre in enumerate(centres):
                below[edge][column] |= rule.reaches(centre)
    for row in range(rows):
        for column in range(columns):
            if column and not parted[row][column]:
                owners[row][column] = owners[row][column - 1]
            elif row and not below[row][column]:
                owners[row][column] = owners[row - 1][column]
    return owners
