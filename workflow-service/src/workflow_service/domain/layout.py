"""The layout of a workflow's graph in layers, top down: where each step stands, and along which points each way leads.

Ways back are laid out as if they led down. A way over several layers passes each of them at a place of its own, so that
no way crosses a step. The same definition always has the same layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflow_service.domain.definition import Definition, Transition

BOX_WIDTH, BOX_HEIGHT = 208, 60
PASSAGE_WIDTH = 24
"""The room of a way that passes a layer."""
COLUMN_GAP, ROW_GAP = 32, 72
SWEEPS = 4

Node = str | tuple[int, int]
"""A step's name, or a way's number with the layer that it passes."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Route:
    """The points of a way from the lower edge of its upper step to the upper edge of its lower one."""

    transition: Transition
    points: tuple[Point, ...]
    is_back: bool
    """Whether it leads from the lower step up to the upper one."""


@dataclass(frozen=True)
class Layout:
    """The centers of steps by name, and the routes of all ways."""

    centers: Mapping[str, Point]
    routes: tuple[Route, ...]


def layout(definition: Definition) -> Layout:
    """Return the layout of a valid graph."""
    backs = _ways_back(definition)
    ways = [
        (way.target, way.source) if number in backs else (way.source, way.target)
        for number, way in enumerate(definition.transitions)
    ]
    layers = _layers(definition, ways)
    chains = [_chain(number, way, layers) for number, way in enumerate(ways)]
    rows = _ordered(_rows(definition, layers, chains), chains)
    centers = _centers(rows)
    ports = _ports(chains, centers)
    routes = tuple(
        Route(way, _points(chain, centers, *ports[number]), number in backs)
        for number, (way, chain) in enumerate(zip(definition.transitions, chains, strict=True))
    )
    return Layout({step.name: centers[step.name] for step in definition.steps}, routes)


def _ways_back(definition: Definition) -> set[int]:
    """Return the numbers of the ways that close a cycle, as a search from the start in depth finds them."""
    numbered: dict[str, list[tuple[int, str]]] = {step.name: [] for step in definition.steps}
    for number, way in enumerate(definition.transitions):
        numbered[way.source].append((number, way.target))
    orders = {step.name: step.order for step in definition.steps}
    for ways in numbered.values():
        ways.sort(key=lambda each: (orders[each[1]], each[0]))
    backs: set[int] = set()
    open_steps, seen = {definition.start.name}, {definition.start.name}
    stack = [(definition.start.name, iter(numbered[definition.start.name]))]
    while stack:
        name, ways_left = stack[-1]
        number, target = next(ways_left, (-1, ""))
        if number < 0:
            open_steps.discard(name)
            stack.pop()
        elif target in open_steps:
            backs.add(number)
        elif target not in seen:
            seen.add(target)
            open_steps.add(target)
            stack.append((target, iter(numbered[target])))
    return backs


def _layers(definition: Definition, ways: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the layer of each step: one below the lowest step that leads to it."""
    above: dict[str, list[str]] = {step.name: [] for step in definition.steps}
    below: dict[str, list[str]] = {step.name: [] for step in definition.steps}
    for upper, lower in ways:
        above[lower].append(upper)
        below[upper].append(lower)
    waiting = {name: len(found) for name, found in above.items()}
    ready = [step.name for step in definition.steps if not waiting[step.name]]
    layers = dict.fromkeys(above, 0)
    while ready:
        name = ready.pop()
        for lower in below[name]:
            layers[lower] = max(layers[lower], layers[name] + 1)
            waiting[lower] -= 1
            if not waiting[lower]:
                ready.append(lower)
    return layers


def _chain(number: int, way: tuple[str, str], layers: Mapping[str, int]) -> list[Node]:
    """Return the nodes of a way, from its upper step through every layer to its lower one."""
    upper, lower = way
    return [upper, *((number, layer) for layer in range(layers[upper] + 1, layers[lower])), lower]


def _rows(definition: Definition, layers: Mapping[str, int], chains: Sequence[Sequence[Node]]) -> list[list[Node]]:
    rows: list[list[Node]] = [[] for _ in range(max(layers.values()) + 1)]
    for step in sorted(definition.steps, key=lambda step: step.order):
        rows[layers[step.name]].append(step.name)
    for chain in chains:
        for node in chain[1:-1]:
            assert isinstance(node, tuple)
            rows[node[1]].append(node)
    return rows


def _ordered(rows: list[list[Node]], chains: Sequence[Sequence[Node]]) -> list[list[Node]]:
    """Return the rows with their nodes near those that they are joined to, by the mean of their places."""
    above: dict[Node, list[Node]] = {}
    below: dict[Node, list[Node]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for number in range(len(rows)) if down else reversed(range(len(rows))):
            neighbours = above if down else below
            near = rows[max(number - 1, 0) : number + 2]
            place = {node: _place(row, index) for row in near for index, node in enumerate(row)}
            rows[number] = sorted(
                rows[number], key=lambda node: _mean([place[each] for each in neighbours.get(node, [node])])
            )
    return rows


def _place(row: Sequence[Node], index: int) -> float:
    return index - (len(row) - 1) / 2


def _mean(places: Sequence[float]) -> float:
    return sum(places) / len(places)


def _centers(rows: Sequence[Sequence[Node]]) -> dict[Node, Point]:
    """Return the center of each node; each row is centered around 0."""
    centers: dict[Node, Point] = {}
    for number, row in enumerate(rows):
        left = -sum(_width(node) + COLUMN_GAP for node in row) / 2 + COLUMN_GAP / 2
        for node in row:
            centers[node] = (left + _width(node) / 2, number * (BOX_HEIGHT + ROW_GAP) + BOX_HEIGHT / 2)
            left += _width(node) + COLUMN_GAP
    return centers


def _width(node: Node) -> int:
    return BOX_WIDTH if isinstance(node, str) else PASSAGE_WIDTH


def _ports(chains: Sequence[Sequence[Node]], centers: Mapping[Node, Point]) -> list[tuple[float, float]]:
    """Return where each way leaves its upper step and reaches its lower one: side by side, by where they lead."""
    found = [[0.0, 0.0] for _ in chains]
    for end in (0, 1):
        of_step: dict[Node, list[int]] = {}
        for number, chain in enumerate(chains):
            of_step.setdefault(chain[-end], []).append(number)
        for step, numbers in of_step.items():
            next_ones = {number: centers[chains[number][-2 if end else 1]][0] for number in numbers}
            for place, number in enumerate(sorted(numbers, key=lambda number: (next_ones[number], number)), 1):
                found[number][end] = centers[step][0] - BOX_WIDTH / 2 + BOX_WIDTH * place / (len(numbers) + 1)
    return [(upper, lower) for upper, lower in found]


def _points(chain: Sequence[Node], centers: Mapping[Node, Point], upper: float, lower: float) -> tuple[Point, ...]:
    """Return the points of a way: through the height of each layer that it passes it leads straight down."""
    points = [(upper, centers[chain[0]][1] + BOX_HEIGHT / 2)]
    for node in chain[1:-1]:
        x, y = centers[node]
        points += [(x, y - BOX_HEIGHT / 2), (x, y + BOX_HEIGHT / 2)]
    return (*points, (lower, centers[chain[-1]][1] - BOX_HEIGHT / 2))
