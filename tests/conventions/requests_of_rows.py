"""The requests that a service's builders make of the policy's rows, and the state of its tables around them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count
from typing import Any

from init_db.migrations import VERSION_TABLE
from service_kit.testing.calls import Calls
from service_kit.testing.postgres import ServiceDatabase
from smartticket_contracts import policy
from werkzeug.test import TestResponse

from tests.security.policy import CALLER, COMPANY, Ask, Builder, Target, content_of

NUMBERS = count(5000)
ELSEWHERE = {"idempotency_keys", "inbox", "outbox", VERSION_TABLE}
"""Tables without effects of requests; events are found by their request."""
REPEATED = "repeated"
"""The request id of requests that must have no effect."""
EVENTS = "select id, type from outbox where request_id = %s"


@dataclass(frozen=True)
class ServiceUnderTest:
    """A service under test."""

    api: Calls
    made: ServiceDatabase
    builders: Mapping[str, Builder]

    def request_of(self, row: policy.Row) -> tuple[Calls, Ask]:
        """Return a caller that the policy allows a row's request, and a request about a new target of its own."""
        role = next(role for role in reversed(policy.roles()) if row.answers(role)[0] == "allowed")
        ask = self.builders[row.key](Target("own", COMPANY, CALLER, next(NUMBERS)))
        return replace(self.api, company=COMPANY, role=role, subject=ask.subject), ask

    def contents(self) -> dict[str, list[str]]:
        """Return the rows of all tables that hold effects of requests, as text."""
        tables = self.made.rows("select tablename::text from pg_tables where schemaname = %s", self.made.schema)
        union = " union all ".join(
            f"select '{table}', t::text from \"{table}\" t" for (table,) in tables if table not in ELSEWHERE
        )
        found: dict[str, list[str]] = {table: [] for (table,) in tables if table not in ELSEWHERE}
        for table, row in self.made.rows(f"{union} order by 1, 2"):
            found[table].append(row)
        return found | {"outbox": [str(row) for row in self.made.rows(EVENTS, REPEATED)]}

    @contextmanager
    def unchanged(self, wrong: list[str], what: str) -> Iterator[None]:
        """Add to `wrong` where the block changes a table, or a request with the id REPEATED publishes an event."""
        before = self.contents()
        yield
        after = self.contents()
        for table in after:
            if changed := set(before[table]) ^ set(after[table]):
                wrong.append(f"{what} changed {table}: {sorted(changed)[:4]}")


def rows_of(service: str, *methods: str) -> list[policy.Row]:
    """Return one row for each route of a service with one of the methods."""
    routes = {row.route: row for row in reversed(policy.rows(service)) if row.method in methods}
    return [routes[route] for route in sorted(routes)]


def send(caller: Calls, row: policy.Row, ask: Ask, content: Mapping[str, Any] = {}, **headers: str) -> TestResponse:
    """Send a row's request, with other content if some is given."""
    sent = {"X-Request-ID": "effect", **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = caller.send(row.method, ask.path, sent, **(content or fresh(ask)))
    response.get_data()
    return response


def fresh(ask: Ask) -> dict[str, Any]:
    """Return a request's content; a file is read once, so that each request needs its own."""
    return content_of(replace(ask, form={name: _copied(value) for name, value in ask.form.items()}))


def altered(ask: Ask) -> dict[str, Any]:
    """Return other content that the route accepts as well."""
    if ask.form:
        return content_of(replace(ask, form={name: _copied(value, b" x\n") for name, value in ask.form.items()}))
    text = b"{}" if ask.body is None else json.dumps(ask.body).encode()
    return {"data": b" " + text, "content_type": "application/json"}


def _copied(value: Any, more: bytes = b"") -> Any:
    if isinstance(value, tuple):
        content, *rest = value
        return (BytesIO(content.getvalue() + more), *rest)
    return BytesIO(value.getvalue() + more) if isinstance(value, BytesIO) else value
