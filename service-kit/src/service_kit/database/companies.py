"""Sets the companies that a transaction may see, for PostgreSQL's row-level security."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from operator import index

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction

SETTING = "app.companies"
MAX_COMPANY_ID = 2**31 - 1

transaction_settings: ContextVar[str] = ContextVar("transaction_settings", default="")
"""Further settings of this thread's transactions, as SQL after the first: `, set_config(…, true)`. Never from input."""

_CALLBACKS = "after_commit"


def set_companies_sql(companies: Iterable[int]) -> str:
    """Return the statement that lets the current transaction, and no later one, see `companies`.

    psycopg2 sends several statements in one string only without server-side parameters, so the statement contains the
    ids; each is checked to be an integer. Raises ValueError for an id out of range, TypeError for a value of another
    type.
    """
    ids = sorted({index(company) for company in companies})
    if ids and not (ids[0] >= 1 and ids[-1] <= MAX_COMPANY_ID):
        raise ValueError(f"a company id lies between 1 and {MAX_COMPANY_ID}")
    return f"select set_config('{SETTING}', '{','.join(map(str, ids))}', true){transaction_settings.get()}"


def companies_of(session: Session) -> tuple[int, ...]:
    """Return the ids of the companies that this session sees."""
    companies: tuple[int, ...] = session.info["companies"]
    return companies


def mark_outbox_written(session: Session) -> None:
    """Note that this transaction wrote to the outbox: its commit wakes the relay."""
    callbacks = session.info.setdefault(_CALLBACKS, [])
    if (wake := session.info["wake"]) not in callbacks:
        callbacks.insert(0, wake)  # before the others: an event waits for it


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call `callback` after the transaction's commit, never after a rollback. Use it to count effects."""
    session.info.setdefault(_CALLBACKS, []).append(callback)


class CompanySession(Session):
    """A session whose transactions begin by setting their companies."""


@event.listens_for(CompanySession, "after_begin")
def _set_companies(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        connection.exec_driver_sql(set_companies_sql(companies_of(session)))


@event.listens_for(CompanySession, "after_commit")
def _run_callbacks(session: Session) -> None:
    # SQLAlchemy fires this event for a released savepoint too, before the effects are visible.
    if session.in_nested_transaction():
        return
    for callback in session.info.pop(_CALLBACKS, ()):
        callback()


@event.listens_for(CompanySession, "after_rollback")
def _drop_callbacks(session: Session) -> None:
    session.info.pop(_CALLBACKS, None)
