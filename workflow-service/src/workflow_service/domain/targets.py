"""The rules of a workflow's SLA targets."""

from collections.abc import Mapping
from itertools import pairwise

from workflow_service.domain.definition import PRIORITIES
from workflow_service.domain.duration import BadDuration, parse_duration
from workflow_service.domain.graph import Fault

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
