"""The task of a ticket: where it is in its workflow, as workflow-service reports it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A ticket's task. `due` is the end of the SLA clock that ends first, None without one."""

    revision: int
    task_id: int
    step: str
    status: str
    assignee: str | None
    due: str | None
    breached: bool
    clocks: list[Any] | None

    def shown(self) -> dict[str, Any]:
        """Return the task as a ticket shows it."""
        return {name: value for name, value in vars(self).items() if name != "revision"}


def latest(reported: Iterable[Task]) -> Task:
    """Return the newest of several reports about one ticket."""
    return max(reported, key=lambda task: task.revision)
