"""Which companies a transaction may see: the one place that knows how row-level security is told."""

from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction

SETTING = "app.companies"
MAX_COMPANY_ID = 2**31 - 1

_CONNECTION = "connection"
_COMPANIES = "companies"
_ANNOUNCED = "announced"
_ACTS = "after_commit"


def set_companies_sql(companies: Iterable[int]) -> str:
    """Write the statement that opens the current transaction for `companies`, and for that transaction only.

    psycopg2 sends several statements in one string only without server-side parameters, so the ids are written out;
    they are proven whole numbers first. Raises ValueError for a number that no company has, TypeError for no number.
    """
    ids = sorted({index(company) for company in companies})
    if ids and not (ids[0] >= 1 and ids[-1] <= MAX_COMPANY_ID):
        raise ValueError(f"a company id lies between 1 and {MAX_COMPANY_ID}")
    return f"select set_config('{SETTING}', '{','.join(map(str, ids))}', true)"


def companies_of(session: Session) -> tuple[int, ...]:
    """Return the companies this session was opened for."""
    companies: tuple[int, ...] = session.info[_COMPANIES]
    return companies


def mark_announced(session: Session, rows: Sequence[Any] = ()) -> None:
    """Remember what this transaction wrote to the outbox: its commit wakes the relay and hands it these rows."""
    session.info.setdefault(_ANNOUNCED, []).extend(rows)


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Call `act` after the transaction's commit, never after a rollback: what is counted must have happened."""
    session.info.setdefault(_ACTS, []).append(act)


class CompanySession(Session):
    """A session whose every transaction is opened for its companies by its first statement, at no extra round trip."""


def connection_of(session: Session) -> Connection:
    """Return the connection of the session's transaction, which begins here where it has not yet."""
    # Asking the session costs as much as a small statement.
    connection: Connection | None = session.info.get(_CONNECTION)
    return session.connection() if connection is None else connection


@event.listens_for(CompanySession, "after_begin")
def _remember_companies(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    driver: Any = connection.connection.driver_connection
    driver.opening = set_companies_sql(companies_of(session)).encode()
    session.info[_CONNECTION] = connection


@event.listens_for(CompanySession, "after_transaction_end")
def _forget_connection(session: Session, transaction: SessionTransaction) -> None:
    if not transaction.nested:
        session.info.pop(_CONNECTION, None)


@event.listens_for(CompanySession, "after_commit")
def _act(session: Session) -> None:
    # Releasing a savepoint fires this too, and then nothing is visible to anybody yet.
    if session.in_nested_transaction():
        return
    if (announced := session.info.pop(_ANNOUNCED, None)) is not None:
        session.info["wake"](announced)
    for act in session.info.pop(_ACTS, ()):
        act()


@event.listens_for(CompanySession, "after_rollback")
def _forget_acts(session: Session) -> None:
    session.info.pop(_ANNOUNCED, None)
    session.info.pop(_ACTS, None)
