"""Deals tasks in one transaction. Its lock keeps transactions that deal tasks of one company one after the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from workflow_service.domain.calendar import next_opening
from workflow_service.domain.calendar_document import stored_calendar
from workflow_service.domain.deal import Choice, Member, Need, Pool, may_keep, pool_name
from workflow_service.domain.definition import ALWAYS, LEAST_LOADED, Definition, Step
from workflow_service.domain.task import Task
from workflow_service.store import calendars, people


class Dealer:
    """The pools of a transaction and its turns."""

    def __init__(self, session: Session, numbers: Mapping[int, int]) -> None:
        """Lock the turns of companies; `numbers` says how many tasks of each may be dealt."""
        self._session = session
        self.now = datetime.now(UTC)
        last = people.take_turns(session, numbers)
        self._next = {company_id: last[company_id] - numbers[company_id] for company_id in numbers}
        self._members: dict[tuple[int, str], Mapping[str, Member]] = {}
        self._pools: dict[tuple[int, str], Pool] = {}
        self._open_calendars: dict[tuple[int, int], bool] = {}

    def load(self, company_id: int, names: Collection[str], *, with_open: bool) -> None:
        """Read pools that are not known yet."""
        missing = {name for name in names if (company_id, name) not in self._pools}
        if missing:
            members = self._read_members(company_id, missing)
            found = people.pools(self._session, company_id, members, self.now, with_open=with_open)
            self._pools |= {(company_id, name): pool for name, pool in found.items()}

    def may_keep(self, task: Task, role: str, skills: Sequence[str] = (), *, email: str | None) -> bool:
        """Return whether a person of the pool that serves the task may do the work of a step of that role.

        It reads the pool's members alone: most moves choose nobody.
        """
        name = pool_name(role, task.team_id, task.department)
        members = self._read_members(task.company_id, {name})[name]
        return email is not None and may_keep(members.get(email), role, skills)

    def _read_members(self, company_id: int, names: Collection[str]) -> dict[str, Mapping[str, Member]]:
        missing = {name for name in names if (company_id, name) not in self._members}
        if missing:
            found = people.members(self._session, company_id, missing)
            self._members |= {(company_id, name): members for name, members in found.items()}
        return {name: self._members[company_id, name] for name in names}

    def pool(self, task: Task, role: str) -> Pool:
        """Return the pool that serves a task at a step of that role; `load` has read it."""
        return self._pools[task.company_id, pool_name(role, task.team_id, task.department)]

    def choose(self, company_id: int, pool: str, need: Need) -> Choice:
        """Choose a person for a task."""
        choice = self._pools[company_id, pool].choose(need, self._next[company_id] + 1)
        if choice.email is not None:
            self._next[company_id] += 1
        return choice

    def need(self, company_id: int, definition: Definition, step: Step) -> Need:
        """Return what a definition asks of the assignee of a step now."""
        return replace(need_at(definition, step), is_closed=not self._is_open(company_id, definition))

    def save(self) -> None:
        """Store the turns of people who were chosen."""
        by_company: dict[int, list[Pool]] = {}
        for (company_id, _), pool in sorted(self._pools.items()):
            by_company.setdefault(company_id, []).append(pool)
        for company_id, pools in by_company.items():
            people.save_turns(self._session, company_id, pools)

    def _is_open(self, company_id: int, definition: Definition) -> bool:
        """Return whether tasks of a definition are assigned now, by the newest version of its calendar."""
        if definition.assignment_hours == ALWAYS or definition.calendar_id is None:
            return True
        key = company_id, definition.calendar_id
        if key not in self._open_calendars:
            found = calendars.find(self._session, *key)
            calendar = None if found is None else stored_calendar(found.document)
            self._open_calendars[key] = calendar is None or next_opening(calendar, self.now) == self.now
        return self._open_calendars[key]


def need_of(definition: Definition, role: str, left_out: Collection[str] = ()) -> Need:
    """Return what a definition asks of a person of that role to whom a task is escalated."""
    return Need(role, definition.assignment, definition.capacity, frozenset(left_out))


def need_at(definition: Definition, step: Step) -> Need:
    """Return what a definition asks of the assignee of a step."""
    return Need(step.role, definition.assignment, definition.capacity, skills=step.skills)


def counts_open_tasks(definition: Definition) -> bool:
    """Return whether people's open tasks matter to how a definition's tasks are dealt."""
    return definition.assignment == LEAST_LOADED or definition.capacity is not None
