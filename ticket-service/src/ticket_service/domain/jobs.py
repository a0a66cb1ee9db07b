"""A job: the creation or the change of many tickets, item by item, with a result for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

RETRY_SECONDS = 30
"""When to ask again, where a company has too many unfinished jobs."""


class JobKind(StrEnum):
    """The effect of a job on each of its items."""

    CREATE = "create"
    CHANGE = "change"


class JobState(StrEnum):
    """The progress of a job. It failed where no item succeeded."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class ItemStatus(StrEnum):
    """The progress of one item of a job."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A stored job. `steps` counts the transactions that worked on it; each processed several items."""

    id: UUID
    company_id: int
    kind: JobKind
    state: JobState
    created_by: str
    total: int
    succeeded: int
    failed: int
    steps: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def unprocessed(self) -> int:
        """Return the number of items without a result."""
        return self.total - self.succeeded - self.failed

    @property
    def finished(self) -> bool:
        """Return whether no further item will be processed."""
        return self.state not in UNFINISHED


@dataclass(frozen=True)
class ItemProblem:
    """Why an item failed: status, code, detail and field errors of the problem that a single call would answer."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Result:
    """The result of one item: the ticket that was created or changed, or the problem."""

    index: int
    ticket_id: int | None = None
    problem: ItemProblem | None = None


class JobNotFound(Exception):
    """There is no such job in the caller's company, or it is another person's."""

    def __init__(self) -> None:
        super().__init__("There is no such job.")


class JobFinished(Exception):
    """The job can't be cancelled any more."""

    def __init__(self) -> None:
        super().__init__("The job has finished; its results stay.")


class TooManyJobs(Exception):
    """The company has as many unfinished jobs as are allowed."""

    retry_after_seconds = RETRY_SECONDS

    def __init__(self, most: int) -> None:
        super().__init__(f"The company has {most} unfinished jobs; wait for one, or cancel one.")


class TooManyTickets(Exception):
    """More tickets match than one job may change."""

    def __init__(self, most: int) -> None:
        super().__init__(f"More than {most} tickets match.")
        self.errors = [{"field": "filter", "message": f"Matches more than {most} tickets; narrow it."}]


def state_of(total: int, succeeded: int, failed: int) -> JobState:
    """Return the state of a job that isn't cancelled, after items were processed."""
    if succeeded + failed < total:
        return JobState.RUNNING
    return JobState.FAILED if total and not succeeded else JobState.DONE


def problem_of(error: Exception, errors: Mapping[type[Exception], tuple[int, str]]) -> ItemProblem | None:
    """Return the problem of an expected error, None for an unexpected one. `errors` maps types to (status, code)."""
    for kind, (status, code) in errors.items():
        if isinstance(error, kind):
            return ItemProblem(
                status, getattr(error, "code", None) or code, str(error), tuple(getattr(error, "errors", ()))
            )
    return None


UNSTORABLE = ItemProblem(HTTPStatus.BAD_REQUEST, "invalid", "A value can't be stored.")
UNEXPECTED = ItemProblem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong with this item.")
