"""A service's access to its schema: sessions bound to companies, one-statement commits, the relay's role."""

from collections.abc import Callable, Mapping
from select import POLLIN, poll
from typing import Any

import orjson
import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from service_kit.database.companies import CompanySession, set_companies_sql
from service_kit.database.connection import Connection
from service_kit.database.roles import check_role
from service_kit.database.statements import Prepared, execute

CONNECT_SECONDS = 3
POOL_WAIT_SECONDS = 2.0
LOCK_TIMEOUT_MS = 3_000
IDLE_IN_TRANSACTION_MS = 30_000
RELAY_POOL_SIZE = 3
RELAY_IDLE_MS = 10_000


class Database:
    """One service's schema in PostgreSQL. The first use opens a connection.

    Methods raise `sqlalchemy.exc.OperationalError` where the database is down, and `sqlalchemy.exc.TimeoutError` where
    the pool has no free connection. Messages never contain parameters.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str,
        relay_url: str | None = None,
        pool_size: int = 8,
        statement_timeout_ms: int = 5_000,
        application_name: str = "",
    ) -> None:
        self.schema = schema
        self.wake: Callable[[], None] = lambda: None
        """Called after every commit that wrote to the outbox; must not raise.

        `outbox.connect` sets it."""
        self.info: dict[str, Any] = {}
        """Values copied to the `info` of every session, such as the contracts by which the outbox validates events."""
        self._relay_url = parse_url(relay_url or url)
        self._application_name = application_name or schema
        self._statement_timeout_ms = statement_timeout_ms
        self._engine = self._make_engine(parse_url(url), pool_size)
        self._relay_engine = self._make_engine(self._relay_url, RELAY_POOL_SIZE)

    def session(self, *companies: int) -> Session:
        """Open a session that sees only the rows of these companies; without companies it sees no row.

        The caller begins, commits and closes.
        """
        set_companies_sql(companies)  # raises for a bad id here rather than at the first statement
        return CompanySession(
            self._engine,
            expire_on_commit=False,
            autoflush=False,
            info={**self.info, "companies": tuple(companies), "wake": self._call_wake},
        )

    def execute_and_commit(
        self, company: int, sql: str | Prepared, parameters: Mapping[str, Any], *, writes_outbox: bool = False
    ) -> list[Any]:
        """Run one statement for one company and commit it, in one round trip; return its rows as named tuples.

        `sql` is a prepared statement, or text for psycopg2: `%(name)s` for parameters, `%%` for a percent sign. Set
        `writes_outbox` for a statement that writes to the outbox: the relay is then woken. Raises SQLAlchemy's errors:
        IntegrityError, OperationalError ….

        There is no retry. The pool replaces a dead connection before the statement is sent; where the connection breaks
        later, the commit may have happened.
        """
        call, prepared = (sql.call, [sql]) if isinstance(sql, Prepared) else (sql, [])
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            # Without BEGIN the server runs the whole string as one transaction and commits it at the end.
            driver.autocommit = True
            try:
                rows = execute(connection, prepared, f"{set_companies_sql((company,))}; {call}", parameters)
            finally:
                if not driver.closed:
                    driver.autocommit = False
        if writes_outbox:
            self.wake()
        return rows

    def relay_session(self) -> Session:
        """Open a session of the relay role. It sees only outbox, inbox and parked rows, of every company."""
        return Session(self._relay_engine, expire_on_commit=False, autoflush=False, info=dict(self.info))

    def relay_connection(self) -> PsycopgConnection:
        """Open the relay's own psycopg2 connection, in autocommit, for its advisory lock; the caller closes it.

        The server ends it after 10 s without a statement, so that a suspended process loses the lock. Raises psycopg2's
        OperationalError.
        """
        arguments = self._connect_arguments()
        arguments["options"] += f" -c idle_session_timeout={RELAY_IDLE_MS}"
        _, dialect_arguments = self._relay_engine.dialect.create_connect_args(self._relay_url)
        connection: PsycopgConnection = psycopg2.connect(**{**dialect_arguments, **arguments})
        connection.autocommit = True
        return connection

    def companies(self) -> list[int]:
        """Return the ids of all registered companies, for jobs that run once per company."""
        with self._engine.connect() as connection:
            return list(connection.exec_driver_sql("select id from companies order by id").scalars())

    def check_role(self) -> None:
        """Raise UnsafeRole where row-level security doesn't bind the app's or the relay's role."""
        for engine in (self._engine, self._relay_engine):
            with engine.connect() as connection:
                check_role(connection, self.schema)

    def dispose(self) -> None:
        """Close all idle connections; the object stays usable."""
        self._engine.dispose()
        self._relay_engine.dispose()

    def _call_wake(self) -> None:
        self.wake()

    def _make_engine(self, url: URL, pool_size: int) -> Engine:
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            pool_use_lifo=True,  # opens no further connection while a few suffice
            use_native_hstore=False,  # else every new connection queries for the extension
            json_deserializer=orjson.loads,  # jsonb keeps 1e30 as digits: an int for json, too long to be sent
            hide_parameters=True,  # parameters hold customers' text, and errors are logged
            connect_args=self._connect_arguments() | {"connection_factory": Connection},
        )
        event.listen(engine, "checkout", _replace_if_dead)
        return engine

    def _connect_arguments(self) -> dict[str, Any]:
        options = {
            "search_path": self.schema,
            "statement_timeout": self._statement_timeout_ms,
            "lock_timeout": LOCK_TIMEOUT_MS,
            "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS,
            "timezone": "UTC",
            "jit": "off",
            # Planning costs more than running, for one event or for two hundred, so statements are prepared.
            "plan_cache_mode": "force_generic_plan",
        }
        return {
            "application_name": self._application_name,
            "connect_timeout": CONNECT_SECONDS,
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        }


def parse_url(url: str) -> URL:
    """Parse a libpq address (`postgres://` or `postgresql://`). Raises ValueError for another database."""
    parsed = make_url(url)
    if not parsed.drivername.startswith("postgres"):
        raise ValueError(f"the database must be PostgreSQL, not {parsed.drivername}")
    return parsed.set(drivername="postgresql+psycopg2")


def libpq_url(url: str) -> str:
    """Return an address in libpq's form, password included."""
    return parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _replace_if_dead(connection: PsycopgConnection, _record: Any, _pooled: Any) -> None:
    """Replace a dead pooled connection at its checkout.

    An idle connection has no data to read. Data there are nearly always the end of the connection, and a statement
    settles the question. The poll costs microseconds, and callers see no error after a restart of PostgreSQL.
    """
    poller = poll()
    poller.register(connection.fileno(), POLLIN)
    if not poller.poll(0):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        connection.rollback()
    except psycopg2.Error as error:
        raise InvalidatePoolError from error
