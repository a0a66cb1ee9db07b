"""The choice of a task's assignee: round robin by least recently assigned, or least loaded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow_service.domain.definition import AGENT, LEAD, LEAST_LOADED
from workflow_service.domain.folding import fold

ELIGIBLE, OTHER_ROLE, ABSENT, FULL, LEFT_OUT = "eligible", "other role", "absent", "at capacity", "left out"
CLOSED = "outside working hours"
MAX_EXPLAINED = 20
"""How many candidates an assignment explains."""


@dataclass
class Person:
    """A member of a pool. `open` counts open tasks, where that matters; `last_turn` is None before the first turn."""

    email: str
    role: str
    available: bool
    open: int | None = None
    last_turn: int | None = None
    skills: frozenset[str] = frozenset()
    """In the form in which skills are equal: see `fold`."""


@dataclass
class Member:
    """A person's role in a pool, and the skills in the form in which skills are equal."""

    role: str
    skills: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Need:
    """The requirements of a task. `left_out` are people who shall not get it."""

    role: str
    method: str
    capacity: int | None = None
    left_out: frozenset[str] = frozenset()
    skills: tuple[str, ...] = ()
    """The skills that a person must have, all of them."""
    is_closed: bool = False
    """Whether nobody gets the task now, because the workflow's calendar is closed."""


@dataclass(frozen=True)
class Choice:
    """The person who gets a task, None where nobody can take it, and why."""

    email: str | None
    method: str
    pool: str
    candidates: list[dict[str, Any]]


@dataclass
class Pool:
    """The people among whom tasks are dealt. Each choice counts as the chosen person's turn."""

    name: str
    people: Mapping[str, Person]
    taken: set[str] = field(default_factory=set)
    """The people whose turn has changed."""

    def choose(self, need: Need, turn: int) -> Choice:
        """Choose a person for a task, whose turn this is from now on."""
        reasons = {email: _reason(person, need) for email, person in self.people.items()}
        first = self.first_turn()
        order = sorted(self.people.values(), key=lambda person: _rank(person, need, reasons[person.email], first))
        candidates = [_explained(person, reasons[person.email]) for person in order[:MAX_EXPLAINED]]
        if not order or reasons[order[0].email] != ELIGIBLE:
            return Choice(None, need.method, self.name, candidates)
        chosen = order[0]
        chosen.last_turn = turn
        if chosen.open is not None:
            chosen.open += 1
        self.taken.add(chosen.email)
        return Choice(chosen.email, need.method, self.name, candidates)

    def may_keep(self, email: str | None, role: str, skills: Sequence[str] = ()) -> bool:
        """Return whether a person of this pool may go on with a task at a step of that role, with these skills."""
        return email is not None and may_keep(self.people.get(email), role, skills)

    def first_turn(self) -> int:
        """Return the smallest turn of those present: who is new or comes back enters there, not before them all."""
        turns = [each.last_turn for each in self.people.values() if each.available and each.last_turn is not None]
        return min(turns, default=0)


def may_keep(person: Person | Member | None, role: str, skills: Sequence[str] = ()) -> bool:
    """Return whether somebody may go on with a task at a step of that role, with these skills; None isn't there."""
    return person is not None and fits(person.role, role) and not lacking(person.skills, skills)


def fits(role: str, wanted: str) -> bool:
    """Return whether a person of a role does the work of a step: a lead also that of agents."""
    return role == wanted or (wanted == AGENT and role == LEAD)


def lacking(skills: Collection[str], wanted: Sequence[str]) -> list[str]:
    """Return which of the wanted skills are not among those of a person."""
    return [skill for skill in wanted if fold(skill) not in skills]


def pool_name(role: str, team_id: int | None, department: str | None) -> str:
    """Return the pool that serves steps of a role: a team's or a department's members, or a company's managers."""
    if role not in (AGENT, LEAD):
        return f"role:{role}"
    return f"team:{team_id}" if team_id is not None else f"department:{department}"


def _reason(person: Person, need: Need) -> str:
    if not fits(person.role, need.role):
        return OTHER_ROLE
    missing = lacking(person.skills, need.skills)
    if missing:
        return f"lacks skill {missing[0]}"
    if person.email in need.left_out:
        return LEFT_OUT
    if need.is_closed:
        return CLOSED
    if not person.available:
        return ABSENT
    if need.capacity is not None and (person.open or 0) >= need.capacity:
        return FULL
    return ELIGIBLE


def _rank(person: Person, need: Need, reason: str, first_turn: int) -> tuple[bool, int, int, bool, str]:
    """Return a person's place in the order. Somebody new comes first among those with the smallest turn."""
    turn = first_turn if person.last_turn is None else person.last_turn
    load = (person.open or 0) if need.method == LEAST_LOADED else 0
    return reason != ELIGIBLE, load, turn, person.last_turn is not None, person.email


def _explained(person: Person, reason: str) -> dict[str, Any]:
    return {
        "email": person.email,
        "role": person.role,
        "reason": reason,
        "open_tasks": person.open,
        "last_turn": person.last_turn,
    }
