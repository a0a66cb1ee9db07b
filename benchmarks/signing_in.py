"""Does the time of a login tell which addresses exist? `python -m benchmarks.signing_in [TURNS]`

The service runs in this process on a database of its own. Each turn sends two logins with a wrong password, for an
address that has an account and for one that has none, the order changing. Then 30 right logins of one account follow at
the same time.
"""

import os
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from random import Random
from statistics import median, quantiles

from auth_service.service import SERVICE
from flask import Flask
from init_db.testing.databases import service_database
from service_kit.testing.postgres import ServiceDatabase

from benchmarks.report import Row, Table

KNOWN, UNKNOWN = "ada@company.example", "eve@company.example"
PASSWORD, WRONG = "seven small blue boats", "three green kites above"
GOAL_MS = 5.0
PARALLEL = 30


def milliseconds(app: Flask, made: ServiceDatabase, email: str) -> float:
    """Return how long a login with a wrong password takes; no earlier failure counts."""
    made.rows("delete from login_guards returning key")
    client = app.test_client()
    began = time.perf_counter()
    answer = client.post("/api/auth/login", json={"email": email, "password": WRONG})
    spent = time.perf_counter() - began
    assert answer.status_code == 401, answer.text
    return 1e3 * spent


def at_once(app: Flask, logins: int) -> tuple[Counter[int], float]:
    """Send right logins of one account at the same time; return the statuses and the seconds until the last answer."""

    def log_in(_number: int) -> int:
        body = {"email": KNOWN, "password": PASSWORD}
        return app.test_client().post("/api/auth/login", json=body).status_code

    began = time.perf_counter()
    with ThreadPoolExecutor(logins) as threads:
        statuses = Counter(threads.map(log_in, range(logins)))
    return statuses, time.perf_counter() - began


def measure(app: Flask, made: ServiceDatabase, turns: int) -> Table:
    """Measure both on an app whose database is empty."""
    client = app.test_client()
    person = {"email": KNOWN, "username": "Ada", "password": PASSWORD, "company": "Company"}
    assert client.post("/api/auth/register", json=person).status_code == 201
    random, taken = Random(1), defaultdict[str, list[float]](list)
    for _ in range(turns):
        for email in random.sample((KNOWN, UNKNOWN), 2):
            taken[email].append(milliseconds(app, made, email))
    known, unknown = taken[KNOWN], taken[UNKNOWN]
    differences = [mine - other for mine, other in zip(known, unknown, strict=True)]
    apart = abs(median(known) - median(unknown))
    low, middle, high = quantiles(differences, n=4)
    made.rows("delete from login_guards returning key")
    statuses, seconds = at_once(app, PARALLEL)
    refused = statuses.total() - statuses[200]
    table = Table(f"Signing in: {turns:,} turns of a known and an unknown address, and {PARALLEL} right logins at once")
    table.rows += [
        Row("medians of known and unknown, apart", f"{apart:.2f} ms", f"< {GOAL_MS:.0f} ms", apart < GOAL_MS,
            f"{median(known):.1f} and {median(unknown):.1f} ms; differences in turns {middle:.2f} ms, half of them "
            f"{low:.2f} to {high:.2f}"),
        Row("right logins at once that are 401", f"{statuses[401]}", "0", statuses[401] == 0,
            f"{statuses[200]} got in within {seconds:.1f} s, {refused - statuses[401]} were 503 with Retry-After"),
    ]  # fmt: skip
    return table


def main(turns: int = 500) -> Table:
    """Measure on a database of its own."""
    admin = os.environ.get("TEST_DATABASE_ADMIN_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    with service_database(admin, SERVICE.schema, "auth_service.migrations") as made:
        given = {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
        process = SERVICE.instance(SERVICE.read_settings(given))
        try:
            return measure(process.create_app(), made, turns)
        finally:
            process.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
