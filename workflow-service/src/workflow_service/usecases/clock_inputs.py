"""The inputs of a task's clocks: its facts, and the policy of a definition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from workflow_service.domain.calendar import DAY_MINUTES, Calendar
from workflow_service.domain.definition import Definition
from workflow_service.domain.facts import Facts, StepVisit
from workflow_service.domain.policy import Policy
from workflow_service.store.facts import TaskHistory, TicketFacts

ALWAYS = Calendar(ZoneInfo("UTC"), (((0, DAY_MINUTES),),) * 7)
"""The calendar of workflows that name none: every hour counts."""


@dataclass(frozen=True)
class TaskStart:
    """When a task began, and its priority where no fact gives another."""

    at: datetime
    priority: str


def facts_of(
    start: TaskStart, ticket: TicketFacts | None, history: TaskHistory | None, definition: Definition
) -> Facts:
    """Return all facts about a ticket and its task, whose steps are those of the definition."""
    ticket = ticket or TicketFacts([], [], [])
    history = history or TaskHistory([], [])
    return Facts(
        start=start.at,
        priority=start.priority,
        priorities=ticket.priorities,
        statuses=ticket.statuses,
        comments=ticket.comments,
        visits=_visits(start.at, history, definition),
        completions=history.completions,
    )


def policy_of(definition: Definition, calendar: Calendar) -> Policy:
    """Return what a definition measures tasks by."""
    responses = definition.response_seconds
    return Policy(
        calendar,
        _durations(definition.sla_seconds),
        None if responses is None else _durations(responses),
        definition.first_response_pauses,
    )


def _durations(seconds: Mapping[str, int]) -> dict[str, timedelta]:
    return {priority: timedelta(seconds=number) for priority, number in seconds.items()}


def _visits(began_at: datetime, history: TaskHistory, definition: Definition) -> list[StepVisit]:
    """Return the task's time at each step that the definition has; the first one begins with the task."""
    starts = [(began_at, name) if not number else (at, name) for number, (at, name) in enumerate(history.steps)]
    ends = [at for at, _ in starts[1:]] + [None] * bool(starts)
    names = {step.name for step in definition.steps}
    return [
        StepVisit(name, at, definition.share_until(name), left_at)
        for (at, name), left_at in zip(starts, ends, strict=True)
        if name in names
    ]
