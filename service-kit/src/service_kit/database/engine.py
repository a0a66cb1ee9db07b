"""A service's way to its own schema: sessions that see their companies, one-statement commits, the relay's own role."""

from collections.abc import Callable, Mapping, Sequence
from select import POLLIN, poll
from typing import Any, cast

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import Session

from service_kit.database.companies import CompanySession, set_companies_sql
from service_kit.database.connection import Connection, NamedCursor
from service_kit.database.roles import check_role
from service_kit.database.statements import Prepared, prepare

CONNECT_SECONDS = 3
POOL_WAIT_SECONDS = 2.0
LOCK_TIMEOUT_MS = 3_000
IDLE_IN_TRANSACTION_MS = 30_000
RELAY_POOL_SIZE = 3
RELAY_IDLE_MS = 10_000


class Database:
    """One service's schema in PostgreSQL. Making it opens nothing; connections come with the first use.

    A database that is down shows as `sqlalchemy.exc.OperationalError`, a pool with nothing free as
    `sqlalchemy.exc.TimeoutError`. Messages never contain parameters.
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
        self.wake: Callable[[Sequence[Any]], None] = lambda _announced: None
        """Called after every commit that announced something, with the outbox rows where they are at hand; the worker
        or its waker sets it. Must not raise."""
        self.info: dict[str, Any] = {}
        """What every session carries along in its own `info`, such as the contracts that the outbox validates by."""
        self._relay_url = parse_url(relay_url or url)
        self._application_name = application_name or schema
        self._statement_timeout_ms = statement_timeout_ms
        self._engine = self._make_engine(parse_url(url), pool_size)
        self._relay_engine = self._make_engine(self._relay_url, RELAY_POOL_SIZE)

    def session(self, *companies: int) -> Session:
        """Open a session that sees the rows of these companies and of no others; without companies it sees none.

        The caller begins, commits and closes.
        """
        set_companies_sql(companies)  # refuses nonsense here rather than at the first statement
        return CompanySession(
            self._engine,
            expire_on_commit=False,
            autoflush=False,
            info={**self.info, "companies": tuple(companies), "wake": self._woken},
        )

    def execute_and_commit(
        self, company: int, sql: str | Prepared, parameters: Mapping[str, Any], *, announces: bool = False
    ) -> list[Any]:
        """Run one statement for one company and commit it, all in one round trip; return its rows as named tuples.

        `sql` is prepared, or psycopg2's: `%(name)s` for parameters, `%%` for a percent sign. `announces` says that it
        writes to the outbox, so that the relay is woken. Raises what SQLAlchemy would: IntegrityError,
        OperationalError …. Nothing is tried twice: a connection found dead was replaced before anything was sent, and
        when it breaks later nobody knows whether the commit happened.
        """
        call = sql.call if isinstance(sql, Prepared) else sql
        try:
            rows = self._run_alone(
                f"{set_companies_sql((company,))}; {call}", parameters, [sql] if isinstance(sql, Prepared) else []
            )
        except psycopg2.Error as error:
            raise DBAPIError.instance(call, None, error, psycopg2.Error, hide_parameters=True) from error
        if announces:
            self.wake(())
        return rows

    def relay_session(self) -> Session:
        """Open a session of the relay role: it sees every company's outbox, inbox and parked rows, and nothing else."""
        return Session(self._relay_engine, expire_on_commit=False, autoflush=False, info=dict(self.info))

    def relay_connection(self) -> PsycopgConnection:
        """Open the relay's own psycopg2 connection, in autocommit, for its advisory lock; the caller closes it.

        The server ends it after 10 s without a statement, so that a stopped process loses the lock. Raises psycopg2's
        own OperationalError.
        """
        arguments = self._connect_arguments()
        arguments["options"] += f" -c idle_session_timeout={RELAY_IDLE_MS}"
        _, dialect_arguments = self._relay_engine.dialect.create_connect_args(self._relay_url)
        connection: PsycopgConnection = psycopg2.connect(**{**dialect_arguments, **arguments})
        connection.autocommit = True
        return connection

    def companies(self) -> list[int]:
        """Return every company this service has met, for sweeps that run once per company."""
        with self._engine.connect() as connection:
            return list(connection.exec_driver_sql("select id from companies order by id").scalars())

    def ping(self) -> None:
        """Return if the database answers; raise OperationalError or TimeoutError if it doesn't."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("select 1")

    def check_role(self) -> None:
        """Raise UnsafeRole where row-level security would not hold for the app's or the relay's role."""
        for engine in (self._engine, self._relay_engine):
            with engine.connect() as connection:
                check_role(connection, self.schema)

    def dispose(self) -> None:
        """Close all idle connections; the object stays usable."""
        self._engine.dispose()
        self._relay_engine.dispose()

    def _woken(self, announced: Sequence[Any]) -> None:
        self.wake(announced)

    def _run_alone(self, statement: str, parameters: Mapping[str, Any], prepared: Sequence[Prepared]) -> list[Any]:
        pooled = self._engine.raw_connection()
        try:
            connection: Any = pooled.driver_connection
            # Without BEGIN the server makes one transaction of the whole string and commits it at its end.
            connection.alone = True
            try:
                with connection.cursor(cursor_factory=NamedCursor) as cursor:
                    prepare(cursor, prepared)
                    cursor.execute(statement, parameters)
                    return cursor.fetchall() if cursor.description else []
            except psycopg2.Error as error:
                if self._engine.dialect.is_disconnect(cast(Any, error), connection, None):
                    pooled.invalidate(error)
                raise
            finally:
                connection.alone = False
        finally:
            pooled.close()

    def _make_engine(self, url: URL, pool_size: int) -> Engine:
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            pool_use_lifo=True,  # the rest stays unopened while a few are enough
            use_native_hstore=False,  # or every new connection asks for the extension
            hide_parameters=True,  # they hold people's text, and errors are logged
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
            # Statements are prepared because planning them costs more than running them, for one event or for two
            # hundred. A plan made while a table is small outlives that a little, so it must use an index.
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
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
    """Read a PostgreSQL address as libpq writes it (`postgres://` or `postgresql://`)."""
    parsed = make_url(url)
    if not parsed.drivername.startswith("postgres"):
        raise ValueError(f"the database must be PostgreSQL, not {parsed.drivername}")
    return parsed.set(drivername="postgresql+psycopg2")


def _replace_if_dead(connection: PsycopgConnection, _record: Any, _pooled: Any) -> None:
    """Ask the socket, not the server, whether a pooled connection is still good.

    Nothing may be waiting to be read on an idle connection. If something is, it is nearly always the server's goodbye;
    a statement tells. This costs microseconds, and after a restart of PostgreSQL no caller sees an error from it.
    """
    watcher = poll()
    watcher.register(connection.fileno(), POLLIN)
    if not watcher.poll(0):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        connection.rollback()
    except psycopg2.Error as error:
        raise InvalidatePoolError from error
