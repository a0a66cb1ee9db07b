"""A workflow's definition: its steps, its transitions, its targets and how its tasks are assigned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

AGENT, LEAD, MANAGER, ADMIN = "agent", "lead", "manager", "admin"
STEP_ROLES = (AGENT, LEAD, MANAGER, ADMIN)
"""Agents and leads are members of teams; managers and admins are users with that role."""
PRIORITIES = ("urgent", "high", "medium", "low")
"""From the shortest target to the longest."""
ROUND_ROBIN, LEAST_LOADED = "round_robin", "least_loaded"
ASSIGNMENT_METHODS = (ROUND_ROBIN, LEAST_LOADED)
ALWAYS, OPEN_HOURS = "always", "open"
ASSIGNMENT_HOURS = (ALWAYS, OPEN_HOURS)
"""When tasks are assigned: at any time, or while the workflow's calendar is open."""
MAX_STEPS = 100
MAX_TRANSITIONS = 400
MAX_SKILLS = 50


@dataclass(frozen=True)
class Step:
    """A step of a workflow. `weight` is its share of the time, `escalate_to` the role that gets an escalated task.

    The end has no weight: a task that arrives there is completed.
    `external` is what a partner must approve before a task moves on.
    """

    name: str
    role: str
    order: int
    weight: float = 1.0
    requires_approval: bool = False
    escalate_to: str | None = None
    external: str | None = None
    skills: tuple[str, ...] = ()
    """The skills that its assignee must have, all of them."""


@dataclass(frozen=True)
class Transition:
    """A named way from one step to another."""

    source: str
    target: str
    name: str


@dataclass(frozen=True)
class Definition:
    """One version of a workflow. `transitions` is complete: a line by `order` where a person gave none."""

    steps: tuple[Step, ...]
    transitions: tuple[Transition, ...]
    sla_seconds: Mapping[str, int]
    """The target of each priority in seconds of business time."""
    calendar_id: int | None = None
    assignment: str = ROUND_ROBIN
    capacity: int | None = None
    """How many open tasks a person may have; None for any number."""
    response_seconds: Mapping[str, int] | None = None
    """The targets of the first and of each next response by priority; None without such clocks."""
    first_response_pauses: bool = False
    end_logic: str = "none"
    """The effect of reaching the end: a request to a partner, or the event `task.completed`."""
    assignment_hours: str = ALWAYS

    @property
    def start(self) -> Step:
        """Return the step at which tasks begin: the one with the lowest order."""
        return min(self.steps, key=lambda step: step.order)

    @property
    def end(self) -> Step:
        """Return the step at which tasks are completed: the one without a transition out of it."""
        sources = {transition.source for transition in self.transitions}
        return next(step for step in self.steps if step.name not in sources)

    def share_until(self, name: str) -> float:
        """Return the part of the time that may have passed when a task leaves a step: its weight and those before."""
        end = self.end.name
        if name == end:
            return 1.0
        order = self.step(name).order
        weighted = [step for step in self.steps if step.name != end]
        return sum(step.weight for step in weighted if step.order <= order) / sum(step.weight for step in weighted)

    def step(self, name: str) -> Step:
        """Return the step of that name; raise KeyError."""
        return {step.name: step for step in self.steps}[name]

    def from_step(self, name: str) -> Sequence[Transition]:
        """Return the transitions out of a step."""
        return [transition for transition in self.transitions if transition.source == name]

    def reachable(self, name: str) -> frozenset[str]:
        """Return the names of the steps that a task at this step can still reach, this one included."""
        return reachable(name, self.transitions)


def without_weight_at_end(steps: Sequence[Step], transitions: Sequence[Transition]) -> tuple[Step, ...]:
    """Return the steps, those without a transition out of them with the weight 0."""
    sources = {transition.source for transition in transitions}
    return tuple(step if step.name in sources else replace(step, weight=0.0) for step in steps)


def reachable(start: str, transitions: Sequence[Transition]) -> frozenset[str]:
    """Return the names that can be reached from `start`, itself included."""
    targets: dict[str, list[str]] = {}
    for transition in transitions:
        targets.setdefault(transition.source, []).append(transition.target)
    found = {start}
    waiting = [start]
    while waiting:
        for target in targets.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)


def line(steps: Sequence[Step]) -> tuple[Transition, ...]:
    """Return the transitions that lead from each step to the next by order."""
    ordered = sorted(steps, key=lambda step: step.order)
    return tuple(Transition(before.name, after.name, after.name) for before, after in pairwise(ordered))
