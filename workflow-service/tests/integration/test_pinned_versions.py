"""Whatever happens to workflows and calendars, a task keeps the versions that it began with: against a model."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from eventbus.wire import rfc3339
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from workflow_service.domain.calendar import Calendar, due
from workflow_service.domain.calendar_document import read_calendar

from ..calendars import DAILY, NOW, document
from ..conftest import WORKFLOW, Api, Desk, Rows

NUMBERS, TICKETS = count(1), count(1)
HOURS = {"urgent": 1, "high": 2, "medium": 3, "low": 4}
"""The targets are so many times four hours, and an hour more in each version."""


@dataclass(frozen=True)
class Version:
    """A version of the workflow as the test wrote it."""

    number: int
    steps: tuple[str, ...]
    has_calendar: bool

    def hours(self, priority: str) -> timedelta:
        return timedelta(hours=4 * HOURS[priority] + self.number)


@dataclass
class Begun:
    """A task: what it began with, and where it is."""

    version: Version
    calendar: Calendar | None
    calendar_version: int | None
    place: int = 0
    priority: str = "high"
    revision: int = 1


class Versions(RuleBasedStateMachine):
    """One workflow, its calendar, and the tasks that began with their versions."""

    def __init__(self, api: Api, desk: Desk, rows: Rows) -> None:
        super().__init__()
        self.api, self.desk, self.rows = api, desk, rows
        self.begun: dict[int, Begun] = {}

    @initialize()
    def deploy_the_first_version(self) -> None:
        self.category = f"Category {next(NUMBERS)}"
        body = document(DAILY, ("00:00", "24:00")) | {"name": self.category}
        self.calendar_path = f"/api/calendars/{self.call('POST', '/api/calendars', body)['id']}"
        self.calendar, self.calendar_version = read_calendar(body, NOW), 1
        self.version = Version(1, ("Step 1.0", "Step 1.1"), has_calendar=False)
        self.path = f"/api/workflows/{self.call('POST', '/api/workflows', self.body())['id']}"
        self.is_deployed = False
        self.switch()

    @rule()
    def switch(self) -> None:
        """Deploy or pause the workflow."""
        self.is_deployed = not self.is_deployed
        self.call("POST", f"{self.path}/{'deploy' if self.is_deployed else 'pause'}")

    @rule(steps=st.integers(2, 4), has_calendar=st.booleans())
    def change_workflow(self, steps: int, has_calendar: bool) -> None:
        number = self.version.number + 1
        names = tuple(f"Step {number}.{place}" for place in range(steps))
        self.version = Version(number, names, has_calendar)
        assert self.call("PUT", self.path, self.body())["version"] == number

    @rule(opens=st.integers(0, 11), closes=st.integers(12, 24))
    def change_calendar(self, opens: int, closes: int) -> None:
        body = document(DAILY, (f"{opens:02}:00", f"{closes:02}:00")) | {"name": self.category}
        changed = self.call("PUT", self.calendar_path, body)
        self.calendar, self.calendar_version = read_calendar(body, NOW), changed["version"]

    @rule()
    def route(self) -> None:
        ticket = next(TICKETS)
        self.desk.route(ticket, category=self.category, priority="high", department="HR", team_id=None, team=None)
        if self.is_deployed:
            counted = (self.calendar, self.calendar_version) if self.version.has_calendar else (None, None)
            self.begun[ticket] = Begun(self.version, *counted)

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.begun)))
        task = self.begun[ticket]
        moved = self.api.call("POST", f"/api/tickets/{ticket}/advance-status")
        if task.place + 1 == len(task.version.steps):
            assert moved.status_code == 400
            return
        task.place += 1
        assert moved.json["current_step"] == task.version.steps[task.place]

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), priority=st.sampled_from(sorted(HOURS)))
    def set_priority(self, data: st.DataObject, priority: str) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.begun)))
        task = self.begun[ticket]
        task.priority, task.revision = priority, task.revision + 1
        # Before the end of a task that is finished: a later priority counts for it no more.
        at = rfc3339(self.start_of(ticket) + timedelta(microseconds=task.revision))
        self.desk.deliver(
            self.desk.make("ticket.updated", str(ticket), revision=task.revision, source="ticket-service",
                           ticket_id=ticket, priority=priority, priority_given=True, updated_at=at)
        )  # fmt: skip

    @invariant()
    def each_task_is_at_its_place_in_its_version_and_due_by_its_calendar(self) -> None:
        numbers = ", ".join(map(str, self.begun)) or "0"
        stored = self.rows(f"""
            select t.ticket_id, t.workflow_version, t.step, t.calendar_version, t.priority, c.due_at
            from tasks t join clocks c on c.task_id = t.id and c.kind = 'resolution' where t.ticket_id in ({numbers})
        """)
        assert {ticket: tuple(rest) for ticket, *rest in stored} == {
            ticket: (task.version.number, task.version.steps[task.place], task.calendar_version, task.priority,
                     self.due_of(ticket, task))
            for ticket, task in self.begun.items()
        }  # fmt: skip

    def due_of(self, ticket: int, task: Begun) -> datetime | None:
        start, target = self.start_of(ticket), task.version.hours(task.priority)
        return start + target if task.calendar is None else due(task.calendar, start, target)

    def start_of(self, ticket: int) -> datetime:
        ((start,),) = self.rows("select created_at from tasks where ticket_id = %s", ticket)
        assert isinstance(start, datetime)
        return start

    def body(self) -> dict[str, Any]:
        """Return the newest version as a person sends it."""
        steps = [{"name": name, "role": "agent", "order": order} for order, name in enumerate(self.version.steps)]
        targets = {f"{priority}_sla": f"PT{self.version.hours(priority) // timedelta(hours=1)}H" for priority in HOURS}
        calendar = int(self.calendar_path.rpartition("/")[2]) if self.version.has_calendar else None
        named = {"name": self.category, "category": self.category, "department": None}
        return WORKFLOW | named | targets | {"steps": steps, "calendar_id": calendar}

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        response = self.api.call(method, path, body)
        assert response.status_code in (200, 201), response.text
        return dict(response.json)


def test_a_task_keeps_its_versions_and_goes_through_its_steps(api: Api, desk: Desk, rows: Rows) -> None:
    run_state_machine_as_test(
        lambda: Versions(api, desk, rows),
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
