"""Does anything cross from one company to another when many share few connections? Requests and bare queries, mixed.

Fifty companies take turns on a pool of five connections, from eight threads. Each text names its company; whatever is
answered to another is foreign.
"""

import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flask import Flask
from init_db.testing.databases import service_database
from service_kit.database.engine import Database
from service_kit.identity import ADMIN, AGENT, REQUESTER
from service_kit.testing.calls import Calls
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from ticket_service.service import SERVICE

from benchmarks.report import Row, Table

COMPANIES, CONNECTIONS, THREADS = 50, 5, 8
REQUESTS = 100_000
PEOPLE = 3
"""Requesters of each company; they have the same ids in all companies."""
_MARK = re.compile(r"company(\d+)person(\d+)")
_EVERYTHING = text("select title from tickets order by random() limit 20")


class Api(Calls):
    """The service as one caller sees it."""

    name = SERVICE.name


@dataclass
class Result:
    """What was sent, and what of it came from elsewhere."""

    sent: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    foreign: list[str] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0


def mark(company: int, person: int) -> str:
    """Return the word that every text of a person holds."""
    return f"company{company}person{person}"


class Visitor:
    """One thread's requests."""

    def __init__(self, app: Flask, tickets: dict[int, list[int]], seed: int) -> None:
        self._client, self._random, self._tickets = app.test_client(), Random(seed), tickets
        self._database: Database = app.extensions["service_kit"].database
        self.result = Result()
        self._ways: tuple[Callable[[Api, int, int], None], ...] = (
            self._list, self._list, self._search, self._read, self._read_foreign, self._create, self._create_once,
            self._change, self._query, self._fail,
        )  # fmt: skip

    def visit(self) -> None:
        """Send one request, or run one query, for a random company."""
        company, person = self._random.randint(1, COMPANIES), self._random.randrange(PEOPLE)
        role = self._random.choice((REQUESTER, AGENT, ADMIN))
        way = self._random.choice(self._ways)
        self.result.sent[way.__name__.strip("_")] += 1
        way(Api(self._client, company=company, role=role, subject=f"user:{person}"), company, person)

    def _list(self, api: Api, company: int, person: int) -> None:
        self._send(api, person, "GET", "/api/tickets?limit=20")

    def _search(self, api: Api, company: int, person: int) -> None:
        self._send(api, person, "GET", f"/api/tickets?limit=20&q=company{self._random.randint(1, COMPANIES)}")

    def _read(self, api: Api, company: int, person: int) -> None:
        self._send(api, person, "GET", f"/api/tickets/{self._random.choice(self._tickets[company])}")

    def _read_foreign(self, api: Api, company: int, person: int) -> None:
        other = company % COMPANIES + 1
        number = self._random.choice(self._tickets[other])
        for path in (f"/api/tickets/{number}", f"/api/tickets/{number}/events"):
            if self._send(api, person, "GET", path) != 404:
                self.result.foreign.append(f"{path} answered to company {company}")

    def _create(self, api: Api, company: int, person: int) -> None:
        self._send(api, person, "POST", "/api/tickets", _draft(company, person), Prefer="respond-async")

    def _create_once(self, api: Api, company: int, person: int) -> None:
        """Send a key that every company and person uses alike."""
        key = f"key-{self._random.randrange(20)}"
        self._send(api, person, "POST", "/api/tickets", _draft(company, person), Idempotency_Key=key)

    def _change(self, api: Api, company: int, person: int) -> None:
        number = self._random.choice(self._tickets[company])
        self._send(api, person, "PUT", f"/api/tickets/{number}/status", {"status": "closed"})

    def _fail(self, api: Api, company: int, person: int) -> None:
        """Leave a connection after an error within a transaction."""
        with self._database.session(company) as session:
            try:
                session.execute(text("select 1 / 0"))
            except DBAPIError:
                session.rollback()
            self._look([title for (title,) in session.execute(_EVERYTHING)], company, None)

    def _query(self, api: Api, company: int, person: int) -> None:
        """Run a query that names no company."""
        with self._database.session(company) as session:
            self._look([title for (title,) in session.execute(_EVERYTHING)], company, None)

    def _send(self, api: Api, person: int, method: str, path: str, body: Any = None, **headers: str) -> int:
        response = api.call(method, path, body, **headers)
        if response.status_code >= 500:
            self.result.failed[response.status_code] += 1
        self._look([response.text], api.company, person if api.role == REQUESTER else None)
        return response.status_code

    def _look(self, texts: list[str], company: int, person: int | None) -> None:
        """Record what belongs to another company, or to another person where `person` is a requester."""
        for each in texts:
            for found in _MARK.finditer(each):
                self.result.rows += 1
                if int(found[1]) != company or (person is not None and int(found[2]) != person):
                    self.result.foreign.append(f"{found[0]} answered to company {company}, person {person}")


def run(app: Flask, made: ServiceDatabase, requests: int) -> Result:
    """Store tickets of all companies, send the requests from all threads, and return the sum."""
    tickets = _fill(made)
    visitors = [Visitor(app, tickets, seed) for seed in range(THREADS)]
    errors: list[BaseException] = []

    def work(visitor: Visitor) -> None:
        try:
            for _ in range(requests // THREADS):
                visitor.visit()
        except BaseException as error:
            errors.append(error)

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    total = Result(seconds=time.monotonic() - began)
    for visitor in visitors:
        total.sent += visitor.result.sent
        total.rows += visitor.result.rows
        total.foreign += visitor.result.foreign
        total.failed += visitor.result.failed
    return total


def main() -> Table:
    """Run the long form on a database of its own."""
    admin = os.environ.get("TEST_DATABASE_ADMIN_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    schema = service_database(admin, SERVICE.schema, "ticket_service.migrations")
    with schema as made, tempfile.TemporaryDirectory() as folder:
        settings = SERVICE.read_settings(
            {
                "SMARTTICKET_ENV": "development",
                "DATABASE_URL": made.url,
                "RELAY_DATABASE_URL": made.relay_url,
                "TICKET_CREATE_WAIT_MS": "0",
                "FILES_DIR": folder,
                "DB_POOL_SIZE": str(CONNECTIONS),
            }
        )
        process = SERVICE.instance(settings)
        try:
            found = run(process.create_app(), made, REQUESTS)
        finally:
            process.close()
    sent, failed = sum(found.sent.values()), sum(found.failed.values())
    return Table(
        f"{COMPANIES} companies over {CONNECTIONS} connections",
        [
            Row("requests and bare queries", f"{sent:,}", f"≥ {REQUESTS:,}", sent >= REQUESTS, f"{THREADS} threads"),
            Row("rows answered", f"{found.rows:,}", besides=f"{sent / found.seconds:,.0f} requests/s"),
            Row("rows of another company or requester", f"{len(found.foreign):,}", "0", not found.foreign),
            Row("answers of 500 and above", f"{failed:,}", "0", not failed),
        ],
    )


def _draft(company: int, person: int) -> dict[str, str]:
    word = mark(company, person)
    return {
        "title": f"Printer {word}", "description": f"Broken, says {word}", "user_name": word,
        "user_email": f"{word}@example.org",
    }  # fmt: skip


def _fill(made: ServiceDatabase) -> dict[int, list[int]]:
    """Store two tickets of each person of each company; return their numbers by company."""
    rows = made.rows(
        "insert into tickets (company_id, uuid, title, description, customer_id)"
        " select c, gen_random_uuid(), format('Printer company%%sperson%%s', c, p), 'Broken', 'user:' || p"
        " from generate_series(1, %s) c, generate_series(0, %s) p, generate_series(1, 2) returning company_id, id",
        COMPANIES, PEOPLE - 1,
    )  # fmt: skip
    tickets: dict[int, list[int]] = {}
    for company, number in rows:
        tickets.setdefault(company, []).append(number)
    return tickets
