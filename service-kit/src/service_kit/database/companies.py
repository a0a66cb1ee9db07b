"""Which companies a transaction may see: the one place that knows how row-level security is told."""

from collections.abc import Iterable
from operator import index
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, SessionTransaction

SETTING = "app.companies"
LARGEST_COMPANY_ID = 2**31 - 1

_PENDING = "set_companies"
_COMPANIES = "companies"
_ANNOUNCED = "announced"


def set_companies_sql(companies: Iterable[int]) -> str:
    """Write the statement that opens the current transaction for `companies`, and for that transaction only.

    psycopg2 sends several statements in one string only without server-side parameters, so the ids are written out;
    they are proven whole numbers first. Raises ValueError for a number that no company has, TypeError for no number.
    """
    ids = sorted({index(company) for company in companies})
    if ids and not (ids[0] >= 1 and ids[-1] <= LARGEST_COMPANY_ID):
        raise ValueError(f"a company id lies between 1 and {LARGEST_COMPANY_ID}")
    return f"select set_config('{SETTING}', '{','.join(map(str, ids))}', true)"


def companies_of(session: Session) -> tuple[int, ...]:
    """Return the companies this session was opened for."""
    companies: tuple[int, ...] = session.info[_COMPANIES]
    return companies


def mark_announced(session: Session) -> None:
    """Remember that this transaction wrote to the outbox, so that its commit wakes the relay."""
    session.info[_ANNOUNCED] = True


class CompanySession(Session):
    """A session whose every transaction is opened for its companies by its first statement, at no extra round trip."""


@event.listens_for(CompanySession, "after_begin")
def _remember_companies(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    connection.info[_PENDING] = set_companies_sql(companies_of(session))


@event.listens_for(CompanySession, "after_commit")
def _wake_relay(session: Session) -> None:
    # Releasing a savepoint fires this too, and then nothing is visible to the relay yet.
    if not session.in_nested_transaction() and session.info.pop(_ANNOUNCED, False):
        session.info["wake"]()


@event.listens_for(CompanySession, "after_rollback")
def _forget_announced(session: Session) -> None:
    session.info.pop(_ANNOUNCED, None)


def send_companies_with_first_statement(engine: Engine) -> None:
    """Teach an engine to put a session's pending `set_config` in front of the transaction's first statement."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def prefix(
        connection: Connection, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        pending = connection.info.pop(_PENDING, None)
        if pending is None:
            return statement, parameters
        # A list of parameters is run once per item, and a named cursor wraps the statement in DECLARE: neither may
        # carry a second statement.
        if isinstance(parameters, list) or cursor.name:
            plain = connection.connection.cursor()
            plain.execute(pending)
            plain.close()
            return statement, parameters
        return f"{pending}; {statement}", parameters

    @event.listens_for(engine, "reset")
    def forget(_dbapi_connection: Any, record: Any, _state: Any) -> None:
        record.info.pop(_PENDING, None)
