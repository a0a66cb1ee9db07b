"""Which failures count as an attempt, and the delays between attempts."""

from collections.abc import Callable
from threading import Event as Flag
from typing import TypeVar

from psycopg2 import errors
from service_kit.backoff import Backoff
from service_kit.telemetry.logs import get_logger
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from eventbus.bus.port import BusDown, LostLease

Result = TypeVar("Result")
RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)

log = get_logger(__name__)

# A statement that always reaches its time-out, or a value too long for an index: psycopg2 calls both operational, but
# the event causes them. It must become a dead letter in the end instead of blocking its queue.
_CAUSED_BY_EVENT = (errors.QueryCanceled, errors.ProgramLimitExceeded)


class ShuttingDown(Exception):
    """The worker stops and releases the messages that it holds."""


class RetryLater(Exception):
    """A consumer raises this where a dependency is down; the failure doesn't count as an attempt of the event."""


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
    # psycopg2 calls deadlocks, serialization failures and lock time-outs operational, too.
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))


def until_success(step: Callable[[], Result], stopping: Flag, failure: str) -> Result | None:
    """Run `step` until it succeeds, with growing delays, and return its result; None where `stopping` is set before.

    `failure` is the log's text for an exception that is not transient.
    """
    backoff = Backoff()
    while not stopping.is_set():
        try:
            return step()
        except Exception as error:
            if not is_transient(error):
                log.exception(failure)
            stopping.wait(backoff.next_delay())
    return None
