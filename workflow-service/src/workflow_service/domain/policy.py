"""The policies by which a task is measured: calendars and targets, and since when each holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow_service.domain.calendar import Calendar, Pause, joined
from workflow_service.domain.facts import Facts

PRIORITY, POLICY = "priority", "policy"
"""Why a clock's target changed."""


@dataclass(frozen=True)
class Policy:
    """A version of what a task is measured by: its calendar, and the targets by priority."""

    calendar: Calendar
    resolution: Mapping[str, timedelta]
    response: Mapping[str, timedelta] | None = None
    """The targets of the first and of each next response; None without such clocks."""
    first_response_pauses: bool = False


@dataclass(frozen=True)
class PolicyChange:
    """Another policy measures the task from then on. Clocks that have ended don't change."""

    at: datetime
    policy: Policy


@dataclass(frozen=True)
class Period:
    """A time in which one priority and one policy hold; `reason` says which of them began it."""

    since: datetime
    priority: str
    policy: Policy
    reason: str


def policies_of(facts: Facts, policy: Policy, changes: Sequence[PolicyChange]) -> list[PolicyChange]:
    """Return since when which policy holds; `policy` holds from the start on."""
    found = [PolicyChange(facts.start, policy)]
    for change in sorted(changes, key=lambda change: change.at):
        if change.at <= found[-1].at:
            found[-1] = PolicyChange(found[-1].at, change.policy)
        else:
            found.append(change)
    return found


def periods_of(facts: Facts, policies: Sequence[PolicyChange]) -> list[Period]:
    """Return the times in which one priority and one policy hold, the first one since the start."""
    priorities = facts.periods()
    changed = {change.at for change in policies[1:]}
    periods = []
    for since in sorted({at for at, _ in priorities} | changed):
        priority = [name for at, name in priorities if at <= since][-1]
        policy = [change.policy for change in policies if change.at <= since][-1]
        periods.append(Period(since, priority, policy, POLICY if since in changed else PRIORITY))
    return periods


def times_with_responses(policies: Sequence[PolicyChange]) -> list[Pause]:
    """Return the times in which the policy has targets of responses, in order."""
    ends = [*(change.at for change in policies[1:]), None]
    times = [Pause(each.at, end) for each, end in zip(policies, ends, strict=True) if each.policy.response is not None]
    return joined(times)
