"""The rules of a workflow's SLA targets."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from workflow_service.domain.calendar import Calendar, elapsed
from workflow_service.domain.definition import PRIORITIES
from workflow_service.domain.duration import BadDuration, parse_duration
from workflow_service.domain.graph import Fault

MAX_TIME_TO_DUE = timedelta(days=5 * 366)
"""How long a target may take by its calendar. Due dates are computed for twice as long, which leaves time on hold."""
_RESPONSE = "response_sla"


def targets_of(durations: Mapping[str, str]) -> tuple[dict[str, int], list[Fault]]:
    """Return the targets in seconds by priority, and everything that is wrong with the durations.

    `durations` has a field `<priority>_sla` per priority, such as `PT4H`, without those that can't be read.
    """
    return _targets(durations, "sla")


def response_targets_of(
    durations: Mapping[str, str | None], targets: Mapping[str, int]
) -> tuple[dict[str, int] | None, list[Fault]]:
    """Return the targets of responses in seconds by priority, and everything that is wrong with them.

    `durations` has a field `<priority>_response_sla` per priority: all of them, or none. None without any.
    """
    given = {name: value for name, value in durations.items() if value is not None}
    if not given:
        return None, []
    missing = [name for priority in PRIORITIES if (name := _field(priority, _RESPONSE)) not in given]
    seconds, faults = _targets(given, _RESPONSE)
    faults += [Fault(name, "Needed beside the targets of the other priorities.") for name in missing]
    for priority, number in seconds.items():
        if priority in targets and number > targets[priority]:
            faults.append(Fault(_field(priority, _RESPONSE), f"At most as long as {_field(priority, 'sla')}."))
    return seconds, faults


def longest_target(calendar: Calendar, now: datetime) -> timedelta:
    """Return the longest target by a calendar: its open time within five years."""
    return elapsed(calendar, now, now + MAX_TIME_TO_DUE)


def faults_by_calendar(targets: Mapping[str, int], calendar: Calendar, now: datetime) -> list[Fault]:
    """Return those of the targets that would take more than five years by a calendar."""
    longest = longest_target(calendar, now).total_seconds()
    message = f"By its calendar this takes more than five years, within which {longest / 3600:.0f} hours are open."
    return [Fault(_field(priority, "sla"), message) for priority in targets if targets[priority] > longest]


def _targets(durations: Mapping[str, str], suffix: str) -> tuple[dict[str, int], list[Fault]]:
    seconds: dict[str, int] = {}
    faults: list[Fault] = []
    for priority in PRIORITIES:
        name = _field(priority, suffix)
        if name not in durations:
            continue
        try:
            seconds[priority] = int(parse_duration(durations[name]).total_seconds())
        except BadDuration as error:
            faults.append(Fault(name, str(error)))
    for shorter, longer in pairwise(PRIORITIES):
        if shorter in seconds and longer in seconds and seconds[shorter] >= seconds[longer]:
            faults.append(Fault(_field(shorter, suffix), f"Must be shorter than {_field(longer, suffix)}."))
    return seconds, faults


def _field(priority: str, suffix: str) -> str:
    return f"{priority}_{suffix}"
