"""Which failures count as an attempt, and the delays between attempts."""

from psycopg2 import errors
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from eventbus.bus.port import BusDown, LostLease

RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)

_TRANSIENT = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
# A statement that always reaches its time-out, or a value too long for an index: psycopg2 calls both operational, but
# the event causes them. It must become a dead letter in the end instead of blocking its queue.
_CAUSED_BY_EVENT = (errors.QueryCanceled, errors.ProgramLimitExceeded)


class ShuttingDown(Exception):
    """The worker stops and releases the messages that it holds."""


class RetryLater(Exception):
    """A handler raises this where a dependency is down; the failure doesn't count as an attempt of the event."""


def is_transient(error: BaseException) -> bool:
    """Return whether a failure is independent of the event: the database or the bus is down, or a lock conflict.

    The worker processes such a batch again later and counts no attempt.
    """
    if isinstance(error, (BusDown, LostLease, ShuttingDown, RetryLater, PoolTimeoutError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, _CAUSED_BY_EVENT):
        return False
    return (
        error.connection_invalidated
        or isinstance(error.orig, _TRANSIENT)
        or isinstance(error, (OperationalError, InterfaceError))
    )
