"""Looks for changes that leave no audit record, and for records that hold what they must not."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask.testing import FlaskClient
from service_kit.identity import SERVICE
from service_kit.testing.calls import Calls
from service_kit.testing.postgres import ServiceDatabase
from smartticket_contracts import policy

from tests.security.policy import ALLOWED, CALLER, COMPANY, Builder, Target, content_of

READING = ("GET", "HEAD")
REFILL = "POST /api/refill/{queue}"
"""It needs a bus; routing-service's `test_audit.py` sends it."""
ADDRESS = "203.0.113.7"
FIRST_NUMBER = 900_000
VALUES = re.compile(r"to_jsonb\((?:old|new)\.(\w+)\)")
SECRET_NAMES = re.compile(
    r"secret|hash|token|sealed|password(?!_version)|(?<!api_)key|email(?!_verified)|user_?name|title|description"
)
"""The names of columns whose values no record may hold: secrets, and texts and addresses of people."""


def unaudited(
    calls: type[Calls],
    client: FlaskClient,
    rows: Sequence[policy.Row],
    builders: Mapping[str, Builder],
    made: ServiceDatabase,
    *,
    elsewhere: Collection[str] = (),
) -> list[str]:
    """Send a request of each changing route and return those without a record of who did it, from where.

    Routes in `policy.not_audited()` and `elsewhere`, which another test sends, are left out.
    """
    wrong = []
    changing = {row.route: row for row in rows if row.method not in READING and not row.field}
    for number, (route, row) in enumerate(changing.items(), FIRST_NUMBER):
        if route in policy.not_audited() or route in (REFILL, *elsewhere):
            continue
        ask = builders[row.key](Target("own", COMPANY, CALLER, number))
        may = [role for role in reversed(list(row.words)) if role != SERVICE and row.answers(role)[0] == ALLOWED]
        role = may[0] if may else SERVICE
        caller = calls(client, COMPANY, role, ask.subject, address=ADDRESS)
        request_id = f"audit-{number}"
        with caller.send(row.method, ask.path, {"X-Request-ID": request_id}, **content_of(ask)) as response:
            if response.status_code // 100 != 2:
                wrong.append(f"{route}: nothing changed: {response.status_code} {response.text[:200]}")
                continue
        wrong += [f"{route}: {fault}" for fault in _faults(made, request_id, role, ask.subject)]
    return wrong


def _faults(made: ServiceDatabase, request_id: str, role: str, subject: str) -> list[str]:
    records = made.rows(
        "select company_id, actor_kind, actor, ip, record_id from audit where request_id = %s", request_id
    )
    if not records:
        return ["no record"]
    expected = (COMPANY, "service" if role == SERVICE else "user", subject, ADDRESS)
    return [f"{record} instead of {expected}" for record in records if record[:4] != expected or not record[4]]


def revealing_columns(made: ServiceDatabase) -> list[str]:
    """Return the columns whose values the schema's audit triggers store although their names say that they must not."""
    functions: list[tuple[Any, ...]] = made.rows(
        "select proname, prosrc from pg_proc where pronamespace = %s::regnamespace and prosrc like %s",
        made.schema, "%add_audit%",
    )  # fmt: skip
    assert functions
    return [
        f"{name}: {column}"
        for name, source in functions
        for column in sorted(set(VALUES.findall(source)))
        if SECRET_NAMES.search(column)
    ]
