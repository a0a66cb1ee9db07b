"""Proves that row-level security alone separates companies, while query functions lose their own conditions.

It uses the rows and builders of the policy (`tests.security.policy`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from flask.testing import FlaskClient
from service_kit.testing.calls import Calls
from service_kit.testing.postgres import ServiceDatabase

from tests.security.company_conditions import EVERY_FUNCTION, Conditions, watched_conditions
from tests.security.policy import (
    ALLOWED,
    CALLER,
    COMPANY,
    OTHER_COMPANY,
    Ask,
    Builder,
    Row,
    Target,
    content_of,
    observed,
)

_DIGESTS = """
    select string_agg(
        format(
            $$select %%L, coalesce(md5(string_agg(t::text, '|' order by t::text)), '')
              from %%I t where company_id = %%s$$, relname, relname, %s),
        ' union all ' order by relname)
    from pg_class
    join pg_attribute on attrelid = pg_class.oid and attname = 'company_id' and not attisdropped
    where relnamespace = current_schema()::regnamespace and relkind = 'r'
"""


@dataclass
class Result:
    """The other company's rows that were shown or changed, and the functions that lost their conditions."""

    leaks: list[str] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Service:
    """A service under test."""

    calls: type[Calls]
    client: FlaskClient
    made: ServiceDatabase


def isolation_without_conditions(
    service: Service, rows: Sequence[Row], builders: Mapping[str, Builder], *, in_turn: bool = True
) -> Result:
    """Send each row's requests again and again, each time without the conditions of one function that they use.

    With `in_turn` false all functions lose them at once. A leak is a row of the other company that is shown or changed.
    """
    result = Result()
    with watched_conditions() as conditions:
        numbers = count(10_000)
        for row in rows:
            _examine(service, row, builders[row.key], conditions, result, numbers, in_turn=in_turn)
    return result


@contextmanager
def without_row_level_security(made: ServiceDatabase) -> Iterator[None]:
    """Let the app's role see the rows of all companies: what the conditions alone achieve."""
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(f'alter role "{made.roles.app}" bypassrls')
        try:
            yield
        finally:
            cursor.execute(f'alter role "{made.roles.app}" nobypassrls')


def _examine(
    service: Service,
    row: Row,
    build: Builder,
    conditions: Conditions,
    result: Result,
    numbers: Iterator[int],
    *,
    in_turn: bool,
) -> None:
    role = next((role for role in ("admin", "service") if row.answers(role)[0] == ALLOWED), None)
    if role is None:
        return
    owners = [("own", COMPANY)]
    if row.answers(role)[-1] == "404":
        owners.append(("other company", OTHER_COMPANY))
    for name, company in owners:
        conditions.seen = set()
        _send(service, role, row, build(Target(name, company, CALLER, next(numbers))))
        result.functions |= conditions.seen
        for function in sorted(conditions.seen) if in_turn else [EVERY_FUNCTION]:
            ask = build(Target(name, company, CALLER, next(numbers)))
            before = [] if row.method == "GET" else foreign_rows(service.made)
            with conditions.removed(function):
                found = _send(service, role, row, ask)
            if company == OTHER_COMPANY and found == ALLOWED:
                result.leaks.append(f"{row.key}: shown without the conditions of {function}")
            if before and foreign_rows(service.made) != before:
                result.leaks.append(f"{row.key}: changed without the conditions of {function}")


def _send(service: Service, role: str, row: Row, ask: Ask) -> str:
    caller = service.calls(service.client, company=COMPANY, role=role, subject=ask.subject)
    with caller.send(row.method, ask.path, **content_of(ask)) as response:
        return observed(response, ask)


def foreign_rows(made: ServiceDatabase) -> list[tuple[str, str]]:
    """Return a digest of every table's rows of the other company."""
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(_DIGESTS, (OTHER_COMPANY,))
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(row[0])
        return cursor.fetchall()
