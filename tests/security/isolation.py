"""Proves that row-level security alone separates companies, while query functions lose their own conditions.

It uses the rows and builders of the policy (`tests.security.policy`).
"""

from collections import Counter
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

# The relay may publish an event meanwhile: those columns of the outbox are its own.
_DIGESTS = """
    select string_agg(
        format(
            $$select %%L, coalesce(md5(string_agg(r, '|' order by r)), '')
              from (select (to_jsonb(t) - %%L::text[])::text r from %%I t where company_id = %%s) shown$$,
            relname,
            case relname when 'outbox' then '{published_at,attempts,last_error,available_at}' else '{}' end,
            relname, %s),
        ' union all ' order by relname)
    from pg_class
    join pg_attribute on attrelid = pg_class.oid and attname = 'company_id' and not attisdropped
    where relnamespace = current_schema()::regnamespace and relkind = 'r'
"""


ROWS_PER_FUNCTION = 3
"""In how many rows of the policy a function loses its conditions, for records of either company."""


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

    A function loses them in a few of the rows that use it: in every one the test would take as long as all others. With
    `in_turn` false all functions lose them at once. A leak is a row of the other company that is shown or changed.
    """
    result = Result()
    tried = Counter[tuple[str, str]]()
    with watched_conditions() as conditions:
        numbers = count(10_000)
        for row in rows:
            _examine(service, row, builders[row.key], conditions, result, numbers, tried, in_turn=in_turn)
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
    tried: Counter[tuple[str, str]],
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
        in_few_rows = [function for function in sorted(conditions.seen) if tried[name, function] < ROWS_PER_FUNCTION]
        for function in in_few_rows if in_turn else [EVERY_FUNCTION]:
            tried[name, function] += 1
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
