"""The replay of past tickets by a workflow: which it would take, what would be late, and who would work on them."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workflow_service.domain.clocks import Clock
from workflow_service.domain.deal import Need, Pool
from workflow_service.domain.matching import Candidate, Match
from workflow_service.domain.workflow import DEPLOYED, Scope

MAX_EXAMPLES = 20
MAX_PEOPLE_SHOWN = 200


@dataclass(frozen=True)
class Past:
    """A ticket with what happened to it. `task_id` and `workflow_id` are None where no workflow took it."""

    ticket_id: int
    task_id: int | None
    scope: Scope
    pool: str
    """The pool from which its assignee would be chosen."""
    began_at: datetime
    ended_at: datetime | None
    workflow_id: int | None
    is_chosen: bool
    """Whether a person chose the workflow."""
    assigned_user: str | None
    """The first assignee."""
    breaches: Mapping[str, int]
    """How many breaches were declared, by the kind of clock."""


@dataclass(frozen=True)
class Replayed:
    """A past ticket with what would have happened to it."""

    past: Past
    workflow_id: int | None
    breaches: Mapping[str, int]


@dataclass(frozen=True)
class Difference:
    """A number as it would have been, and as it was."""

    would: int
    did: int


@dataclass(frozen=True)
class Report:
    """The result of a replay. Breaches and load are those of the tickets that the workflow would take."""

    tickets: int
    matched: Difference
    gained: int
    """Tickets that the workflow would take and did not."""
    lost: int
    """Tickets that the workflow took and would not."""
    unmatched: Difference
    breaches: Mapping[str, Difference]
    breached_tickets: Difference
    load: Sequence[tuple[str | None, Difference]]
    """Tasks by person, the largest number first; None is nobody."""
    examples: Sequence[Replayed]
    """Tickets with another match or other breaches."""


def as_deployed(candidates: Sequence[Candidate], own: Candidate) -> list[Candidate]:
    """Return the candidates with one of them deployed, before all others of the same scope.

    The default workflow stays as it is: it takes tickets only where the company has no other.
    """
    if own.is_default:
        return list(candidates)
    others = [each for each in candidates if each.workflow_id != own.workflow_id]
    return [replace(own, state=DEPLOYED), *others]


def workflow_of(found: Match | None, past: Past) -> int | None:
    """Return the workflow that would take a ticket by its match; without one it goes where a person sent it."""
    if found is not None:
        return found.workflow_id
    return past.workflow_id if past.is_chosen else None


def breaches_until(clocks: Sequence[Clock], instant: datetime) -> dict[str, int]:
    """Return how many breaches there were up to an instant, by the kind of clock."""
    return dict(Counter(clock.kind for clock in clocks for breach in clock.breaches if breach.at <= instant))


def deal_again(
    tickets: Sequence[Replayed], workflow_id: int, pools: Mapping[str, Pool], need: Need
) -> dict[int, str | None]:
    """Return who would have got the tickets that the workflow takes, by ticket.

    Everybody is there, and nobody has had a turn. Tickets of other workflows keep their assignees, whose open tasks
    count until they ended. `pools` change.
    """
    chosen: dict[int, str | None] = {}
    ends: list[tuple[datetime, str]] = []
    in_order = sorted(tickets, key=lambda each: (each.past.began_at, each.past.ticket_id))
    for turn, each in enumerate(in_order, 1):
        while ends and ends[0][0] <= each.past.began_at:
            _count(pools.values(), heapq.heappop(ends)[1], -1)
        if each.workflow_id == workflow_id:
            pool = pools[each.past.pool]
            email = pool.choose(need, turn).email
            chosen[each.past.ticket_id] = email
            # The choice counts the task in its own pool.
            _count((other for other in pools.values() if other is not pool), email, 1)
        else:
            email = each.past.assigned_user
            _count(pools.values(), email, 1)
        if email is not None and each.past.ended_at is not None:
            heapq.heappush(ends, (each.past.ended_at, email))
    return chosen


def report(tickets: Sequence[Replayed], workflow_id: int, assignees: Mapping[int, str | None]) -> Report:
    """Return what a replay found; the newest tickets come first."""
    taken = [each for each in tickets if each.workflow_id == workflow_id]
    took = [each for each in tickets if each.past.workflow_id == workflow_id]
    kept = sum(each.past.workflow_id == workflow_id for each in taken)
    would, did = _total(each.breaches for each in taken), _total(each.past.breaches for each in taken)
    return Report(
        tickets=len(tickets),
        matched=Difference(len(taken), len(took)),
        gained=len(taken) - kept,
        lost=len(took) - kept,
        unmatched=Difference(
            sum(each.workflow_id is None for each in tickets), sum(each.past.workflow_id is None for each in tickets)
        ),
        breaches={kind: Difference(would[kind], did[kind]) for kind in sorted(would.keys() | did.keys())},
        breached_tickets=Difference(
            sum(bool(each.breaches) for each in taken), sum(bool(each.past.breaches) for each in taken)
        ),
        load=_load(taken, assignees),
        examples=[each for each in tickets if _differs(each, workflow_id)][:MAX_EXAMPLES],
    )


def _count(pools: Iterable[Pool], email: str | None, number: int) -> None:
    """Add to the open tasks of a person in pools."""
    for pool in pools:
        person = pool.people.get(email) if email is not None else None
        if person is not None:
            person.open = max((person.open or 0) + number, 0)


def _total(numbers: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in numbers:
        total.update(each)
    return total


def _load(taken: Sequence[Replayed], assignees: Mapping[int, str | None]) -> list[tuple[str | None, Difference]]:
    would = Counter(assignees.get(each.past.ticket_id) for each in taken)
    did = Counter(each.past.assigned_user for each in taken if each.past.task_id is not None)
    people = sorted(would.keys() | did.keys(), key=lambda name: (-would[name], -did[name], name or ""))
    return [(name, Difference(would[name], did[name])) for name in people[:MAX_PEOPLE_SHOWN]]


def _differs(each: Replayed, workflow_id: int) -> bool:
    takes, took = each.workflow_id == workflow_id, each.past.workflow_id == workflow_id
    return takes != took or (takes and dict(each.breaches) != dict(each.past.breaches))
