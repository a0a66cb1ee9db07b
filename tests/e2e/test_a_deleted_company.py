"""A company that is deleted leaves nothing in any service, though services are killed meanwhile; others stay whole.

The tables come from the database's catalogue: a table that a later version adds is looked into, too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import requests
from eventbus.maintenance import INTERVAL_SECONDS
from psycopg2 import sql

from tests.stack import SCHEMAS, Stack, admin_url, eventually

from .company_in_use import PASSWORD, QUESTION, Company, fill, found

LATE = "31 minutes"
"""Longer than anything may still write for a deleted company."""
TICKET_QUEUES = {
    "ai-service": "ai-service.categorize",
    "analytics-service": "analytics-service.count",
    "rag-service": "rag-service.propose",
}
"""The queues that receive `ticket.created`."""
TABLES_WITH_ROWS = 40
"""Of all services: what a company that uses everything has rows in."""

TABLES = """
    select table_schema, table_name from information_schema.columns join information_schema.tables
        using (table_schema, table_name)
    where column_name = 'company_id' and table_type = 'BASE TABLE' order by 1, 2
"""


@contextmanager
def cursor(stack: Stack) -> Iterator[Any]:
    """Query the stack's database without row-level security."""
    connection = psycopg2.connect(urlunsplit(urlsplit(admin_url())._replace(path=f"/{stack.name}")))
    try:
        with connection, connection.cursor() as made:
            yield made
    finally:
        connection.close()


def rows_of(stack: Stack, company: int) -> dict[str, int]:
    """Count a company's rows in every table of every schema that has a `company_id`; only where any are."""
    found = {}
    with cursor(stack) as asked:
        asked.execute(TABLES)
        tables = asked.fetchall()
        assert len(tables) > 60, "the catalogue names fewer tables than the services have"
        for schema, table in tables:
            name = sql.Identifier(schema, table)
            asked.execute(sql.SQL("select count(*) from {} where company_id = %s").format(name), (company,))
            found[f"{schema}.{table}"] = asked.fetchone()[0]
    return {name: number for name, number in found.items() if number}


def left_of(stack: Stack, company: int) -> dict[str, int]:
    """Return what is left of a deleted company but for its tombstones and the announcement of its end."""
    found = rows_of(stack, company)
    with cursor(stack) as asked:
        for schema in SCHEMAS.values():
            asked.execute(
                f"select (select count(*) from {schema}.tombstones where company_id = %(c)s and subject = %(s)s),"
                f" (select count(*) from {schema}.outbox where company_id = %(c)s and type = 'company.deleted')",
                {"c": company, "s": f"company:{company}"},
            )
            tombstones, announcements = asked.fetchone()
            for table, kept in (("tombstones", tombstones), ("outbox", announcements)):
                name = f"{schema}.{table}"
                found[name] = found.get(name, 0) - kept
    return {name: number for name, number in found.items() if number}


def files_of(stack: Stack, company: int) -> list[str]:
    """Return what is on disk of a company: stored files, and the folder of its vectors."""
    folders = [stack.folder / "files" / str(company), stack.folder / "vectors" / str(company)]
    return [str(path) for folder in folders for path in [folder, *folder.rglob("*")] if path.exists()]


def stored_files(stack: Stack, company: int) -> dict[str, bytes]:
    """Return what is stored of a company's files, by path."""
    folder = stack.folder / "files" / str(company)
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def passages_of(company: Company) -> Any:
    """Return the passages that a question finds, from the vectors of the company."""
    return company.call("POST", "/rag/retrieve", json={"query": QUESTION, "top_k": 5})["items"]


def audit_of(company: Company) -> list[Any]:
    """Return the audit of all services, page by page."""
    records: list[Any] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        cursor = {"cursor": page["next"]} if page["next"] else {}
        page = company.call("GET", "/api/audit", params={"limit": 7, **cursor})
        assert page["missing"] == []
        records += page["items"]
    assert [each["at"] for each in records] == sorted((each["at"] for each in records), reverse=True)
    return records


def settled(stack: Stack, *companies: int) -> list[dict[str, int]]:
    """Return the companies' rows once none have changed for longer than a maintenance is away."""

    def rows() -> list[dict[str, int]]:
        return [rows_of(stack, company) for company in companies]

    last, since = rows(), time.monotonic()

    def look() -> bool:
        nonlocal last, since
        if (now := rows()) != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 1.5 * INTERVAL_SECONDS

    eventually(look)
    return last


def test_nothing_is_left_of_a_deleted_company_and_another_one_keeps_every_row(polling: Stack) -> None:
    stack = polling
    gone, stays = found(stack, "Gone"), found(stack, "Stays")
    for company in (gone, stays):
        fill(company)
    before, filled = settled(stack, stays.id, gone.id)
    assert len(filled) >= TABLES_WITH_ROWS, sorted(filled)
    files, passages = stored_files(stack, stays.id), passages_of(stays)
    assert passages
    assert files_of(stack, gone.id)

    records = audit_of(stays)
    assert {each["service"] for each in records} == set(SCHEMAS)
    assert {each["ip"] for each in records} == {"127.0.0.1"}
    admin = stays.call("GET", "/api/me")["id"]
    assert {each["actor"]["id"] for each in records} == {f"user:{admin}", "anonymous"}

    gone.call("DELETE", f"/api/companies/{gone.id}", 400, params={"confirm": "Stays"})
    gone.call("DELETE", f"/api/companies/{gone.id}", 202, params={"confirm": "Gone"})
    for service in ("ticket-service", "rag-service", "auth-service"):
        stack.kill(service)
    for service in ("ticket-service", "rag-service", "auth-service"):
        stack.launch(service)
    stack.wait_healthy()

    # Revocations stay as long as a token may be valid.
    eventually(lambda: left_of(stack, gone.id), lambda left: left.keys() == {"auth.revocations"})
    gone.call("GET", "/api/me", 401)
    login = {"email": "admin@gone.example", "password": PASSWORD}
    assert requests.post(f"{stack.url}/api/auth/login", json=login, timeout=60).status_code == 401
    assert files_of(stack, gone.id) == []

    announce_late(stack, gone.id)
    with cursor(stack) as asked:
        for schema in SCHEMAS.values():
            asked.execute(
                f"update {schema}.deleted_companies set deleted_at = deleted_at - interval '{LATE}' where id = %s",
                (gone.id,),
            )
            assert asked.rowcount == 1, schema
    eventually(lambda: left_of(stack, gone.id), lambda left: left == {})
    assert files_of(stack, gone.id) == []
    eventually(lambda: listed(stack, gone.id), lambda schemas: schemas == [])

    assert rows_of(stack, stays.id) == before
    assert stored_files(stack, stays.id) == files
    assert passages_of(stays) == passages


def listed(stack: Stack, company: int) -> list[str]:
    """Return the schemas whose maintenance jobs still go through a company."""
    with cursor(stack) as asked:
        union = " union all ".join(f"select '{schema}' where %(c)s in (select id from {schema}.companies)"
                                   for schema in SCHEMAS.values())  # fmt: skip
        asked.execute(union, {"c": company})
        return [schema for (schema,) in asked.fetchall()]


def announce_late(stack: Stack, company: int) -> None:
    """Publish a ticket of the deleted company, as a request that was late would; wait until all queues had it."""
    before = {service: without_effect(stack, service) for service in TICKET_QUEUES}
    with cursor(stack) as asked:
        asked.execute(
            """
            insert into ticket.outbox (id, company_id, subject, type, revision, body, actor_kind)
            select id, %(company)s, '999999', 'ticket.created', 1,
                   (body::jsonb || jsonb_build_object('event_id', id, 'company_id', %(company)s, 'ticket_id', 999999))
                       ::text,
                   'person'
            from (select gen_random_uuid() as id, body from ticket.outbox where type = 'ticket.created' limit 1) o
            """,
            {"company": company},
        )
    for service, number in before.items():
        # The inbox's entry is no proof: the removal may have taken it already.
        eventually(lambda service=service: without_effect(stack, service), lambda now, least=number + 1: now >= least)
    left = left_of(stack, company).keys()
    assert left <= {"auth.revocations", "ticket.outbox", *(f"{each}.inbox" for each in SCHEMAS.values())}, left


def without_effect(stack: Stack, service: str) -> float:
    """Return how many new tickets a service received of ended companies, or of such without knowledge."""
    lines = requests.get(f"{stack.url_of(service)}/metrics", timeout=60).text.splitlines()
    of_queue = [line for line in lines if f'queue="{TICKET_QUEUES[service]}"' in line and "ticket.created" in line]
    return sum(
        float(line.rpartition(" ")[2]) for line in of_queue if 'outcome="ended"' in line or 'outcome="ignored"' in line
    )
