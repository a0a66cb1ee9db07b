"""Which failures count as an attempt, and how long to wait."""

import random

from psycopg2 import errors
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service_kit.messaging.bus.port import BusDown, LostLease

RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)
JITTER = 0.2
MIN_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 5.0

_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
# A statement that always runs into its time-out, or a value too long for an index: psycopg2 calls both operational, but
# they are the event's own fault, and it must end as a dead letter one day instead of holding up its queue.
_OWN_FAULT = (errors.QueryCanceled, errors.ProgramLimitExceeded)


class ShuttingDown(Exception):
    """The worker stops; what it holds goes back."""


class RetryLater(Exception):
    """A handler can't do its work until something outside is back; says nothing about the event."""


def is_transient(error: BaseException) -> bool:
    """Tell whether a failure says nothing about the event: the database or the bus is away, or others were in the way.

    Such a batch is done again later and no attempt is counted.
    """
    if isinstance(error, (BusDown, LostLease, ShuttingDown, RetryLater, PoolTimeoutError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, _OWN_FAULT):
        return False
    return (
        error.connection_invalidated
        or isinstance(error.orig, _PASSING)
        or isinstance(error, (OperationalError, InterfaceError))
    )


def retry_after(attempts: int, delays: tuple[float, ...] = RETRY_SECONDS) -> float | None:
    """Return the seconds to wait after the `attempts`-th failure, None where it is time to give up."""
    if attempts > len(delays):
        return None
    return delays[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)


class Backoff:
    """A wait that grows while things stay bad: 0.1 s to 5 s, with jitter."""

    def __init__(self, shortest: float = MIN_BACKOFF_SECONDS, longest: float = MAX_BACKOFF_SECONDS) -> None:
        self._shortest = shortest
        self._longest = longest
        self._next = shortest

    def grow(self) -> float:
        """Return the seconds to wait now; the next wait is twice as long."""
        now, self._next = self._next, min(self._next * 2, self._longest)
        return now * random.uniform(1 - JITTER, 1 + JITTER)

    def reset(self) -> None:
        """Begin with the shortest wait again: things work."""
        self._next = self._shortest
