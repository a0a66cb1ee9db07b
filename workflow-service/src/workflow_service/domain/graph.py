"""The rules of a workflow's graph, and its drawing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_service.domain.definition import (
    AGENT,
    LEAD,
    MAX_STEPS,
    MAX_TRANSITIONS,
    STEP_ROLES,
    Definition,
    Step,
    Transition,
    line,
    reachable,
)
from workflow_service.domain.escalation import roles_above

MAX_WEIGHT = 1_000_000


@dataclass(frozen=True)
class Fault:
    """A field of the request that is not valid, and the reason."""

    field: str
    message: str


def faults(steps: Sequence[Step | None], transitions: Sequence[Transition | None] | None) -> list[Fault]:
    """Return everything that is wrong with steps and transitions.

    None in place of a step or of a transition is one that can't be read. Without transitions the steps are a line by
    order. The graph is judged where everything can be read and each transition leads from a step to a step: a name
    that is misspelled would make faults of a graph that has none.
    """
    read = [step for step in steps if step is not None]
    ways = line(read) if transitions is None else [way for way in transitions if way is not None]
    found = [*_faults_of_numbers(steps, ways), *_faults_of_steps(steps), *_faults_of_weights(steps, ways)]
    found += _faults_of_transitions(steps, transitions or ())
    is_whole = None not in steps and None not in (transitions or ())
    if transitions is not None and is_whole and len(read) > 1 and _ends_of(ways) <= {step.name for step in read}:
        found += _faults_of_graph(read, ways)
    return found


def _ends_of(transitions: Sequence[Transition]) -> set[str]:
    return {name for transition in transitions for name in (transition.source, transition.target)}


def _faults_of_numbers(steps: Sequence[Step | None], transitions: Sequence[Transition]) -> Iterator[Fault]:
    if not 2 <= len(steps) <= MAX_STEPS:
        yield Fault("steps", f"A workflow has 2 to {MAX_STEPS} steps.")
    if len(transitions) > MAX_TRANSITIONS:
        yield Fault("transitions", f"A workflow has at most {MAX_TRANSITIONS} transitions.")


def _faults_of_steps(steps: Sequence[Step | None]) -> Iterator[Fault]:
    names: set[str] = set()
    orders: dict[int, str] = {}
    roles = ", ".join(STEP_ROLES)
    for index, step in enumerate(steps):
        if step is None:
            continue
        field = f"steps.{index}"
        if step.name.casefold() in names:
            yield Fault(f"{field}.name", f"Another step is called {step.name!r}.")
        if step.order in orders:
            yield Fault(f"{field}.order", f"{step.name!r} has the order of {orders[step.order]!r}.")
        if step.role not in STEP_ROLES:
            yield Fault(f"{field}.role", f"{step.name!r}: the roles of steps are {roles}.")
        if step.escalate_to is not None and step.escalate_to not in STEP_ROLES:
            yield Fault(f"{field}.escalate_to", f"{step.name!r}: the roles of steps are {roles}.")
        elif step.escalate_to is not None and step.role in STEP_ROLES and step.escalate_to not in roles_above(step):
            yield Fault(f"{field}.escalate_to", f"{step.name!r}: a role above {step.role}, the step's own.")
        if step.skills and step.role not in (AGENT, LEAD):
            yield Fault(
                f"{field}.skills", f"{step.name!r}: members of teams have skills, so the role is agent or lead."
            )
        if len({skill.casefold() for skill in step.skills}) < len(step.skills):
            yield Fault(f"{field}.skills", f"{step.name!r} names a skill twice.")
        names.add(step.name.casefold())
        orders.setdefault(step.order, step.name)


def _faults_of_weights(steps: Sequence[Step | None], transitions: Sequence[Transition]) -> Iterator[Fault]:
    """Yield the faults of weights. That of an end counts for nothing, so that it may be 0, as answers show it."""
    sources = {transition.source for transition in transitions}
    for index, step in enumerate(steps):
        if step is None:
            continue
        is_end = step.name not in sources
        if not (math.isfinite(step.weight) and 0 <= step.weight <= MAX_WEIGHT and (step.weight > 0 or is_end)):
            yield Fault(f"steps.{index}.weight", f"{step.name!r}: greater than 0 and at most {MAX_WEIGHT}.")


def _faults_of_transitions(steps: Sequence[Step | None], transitions: Sequence[Transition | None]) -> Iterator[Fault]:
    names = {step.name for step in steps if step is not None}
    is_known = None not in steps
    pairs: set[tuple[str, str]] = set()
    for index, transition in enumerate(transitions):
        if transition is None:
            continue
        field = f"transitions.{index}"
        if is_known and transition.source not in names:
            yield Fault(f"{field}.from", f"There is no step {transition.source!r}.")
        if is_known and transition.target not in names:
            yield Fault(f"{field}.to", f"There is no step {transition.target!r}.")
        if transition.source == transition.target:
            yield Fault(f"{field}.to", f"{transition.source!r} leads to itself.")
        if (transition.source, transition.target) in pairs:
            yield Fault(f"{field}.to", f"{transition.source!r} leads to {transition.target!r} already.")
        pairs.add((transition.source, transition.target))


def _faults_of_graph(steps: Sequence[Step], transitions: Sequence[Transition]) -> Iterator[Fault]:
    """Yield the faults of a graph.

    So that faults of names and orders hide none here, steps of one name are judged as the first of them, a way from a
    step to itself as none, and each step of the lowest order as a start.
    """
    places: dict[str, int] = {}
    for index, step in enumerate(steps):
        places.setdefault(step.name.casefold(), index)
    nodes = {index: steps[index].name for index in places.values()}
    arcs = {(nodes[places[way.source.casefold()]], nodes[places[way.target.casefold()]]) for way in transitions}
    ways = [Transition(source, target, target) for source, target in sorted(arcs) if source != target]
    sources = {way.source for way in ways}
    ends = [name for name in nodes.values() if name not in sources]
    if not ends:
        yield Fault("transitions", "There is no end: every step has a transition out of it.")
    for end in ends[1:]:
        yield Fault("transitions", f"There is one end, and it is {ends[0]!r}: {end!r} has no transition out of it.")
    lowest = min(step.order for step in steps)
    starts = [nodes[places[step.name.casefold()]] for step in steps if step.order == lowest]
    from_start = frozenset[str]().union(*(reachable(start, ways) for start in starts))
    backwards = [Transition(way.target, way.source, way.name) for way in ways]
    to_end = reachable(ends[0], backwards) if ends else frozenset()
    for index, name in nodes.items():
        if name not in from_start:
            yield Fault(f"steps.{index}.name", f"{name!r} can't be reached from {starts[0]!r}.")
        if ends and name not in to_end and name not in ends:
            yield Fault(f"steps.{index}.name", f"{name!r} can't reach the end {ends[0]!r}.")


def mermaid(definition: Definition) -> str:
    """Return the graph as a mermaid flowchart."""
    ids = {step.name: f"s{index}" for index, step in enumerate(definition.steps)}
    lines = ["flowchart LR"]
    for step in definition.steps:
        approval = ", approval" if step.requires_approval else ""
        lines.append(f'    {ids[step.name]}["{_quoted(step.name)}<br/>{step.role}{approval}"]')
    for transition in definition.transitions:
        label = _quoted(transition.name)
        lines.append(f'    {ids[transition.source]} -->|"{label}"| {ids[transition.target]}')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a text in which nothing ends a mermaid string or is read as markup."""
    plain = " ".join(text.split())
    return "".join(f"#{ord(character)};" if character in '"#&;<>|`\\[](){}' else character for character in plain)
