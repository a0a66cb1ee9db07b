"""A company that is deleted leaves nothing in any service, though services are killed meanwhile; others stay whole.

The tables come from the database's catalogue: a table that a later version adds is looked into, too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import requests
from eventbus.maintenance import INTERVAL_SECONDS
from psycopg2 import sql

from tests.stack import SCHEMAS, Stack, admin_url, eventually

PASSWORD = "seven small blue boats"
QUESTION = "How do I bail out a boat?"
FORGED = "198.51.100.66"
"""An address that a client claims and no record may show."""
LATE = "31 minutes"
"""Longer than anything may still write for a deleted company."""
TICKET_QUEUES = {
    "ai-service": "ai-service.categorize",
    "routing-service": "routing-service.follow-tickets",
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


@dataclass
class Company:
    """A company as its admin uses it."""

    stack: Stack
    id: int
    name: str
    token: str

    def call(self, method: str, path: str, *expected: int, **content: Any) -> Any:
        """Send a request; return the JSON of its answer."""
        headers = {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": FORGED}
        answer = requests.request(method, self.stack.url + path, headers=headers, timeout=60, **content)
        assert answer.status_code in (expected or (200, 201, 202, 204)), f"{method} {path}: {answer.text}"
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None


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


def found(stack: Stack, name: str) -> Company:
    """Found a company and log in."""
    email = f"admin@{name.lower()}.example"
    body = {"email": email, "username": "Admin", "password": PASSWORD, "company": name}
    assert requests.post(f"{stack.url}/api/auth/register", json=body, timeout=60).status_code == 201
    answer = requests.post(f"{stack.url}/api/auth/login", json={"email": email, "password": PASSWORD}, timeout=60)
    tokens = answer.json()
    company = Company(stack, 0, name, tokens["access_token"])
    company.id = company.call("GET", "/api/companies")["items"][0]["company_id"]
    return company


def fill(company: Company) -> None:
    """Use every service as the company's admin does, and wait until all of it has been handled."""
    call = company.call
    call("PATCH", f"/api/companies/{company.id}", json={"description": "We sell boats."})
    user = {"email": f"bob@{company.name.lower()}.example", "username": "Bob", "role": "agent", "password": PASSWORD}
    call("POST", "/api/users", json=user)
    call("POST", "/api/invitations", json={"email": f"cyd@{company.name.lower()}.example", "role": "agent"})
    call("POST", "/api/api-keys", json={"name": "Key", "scopes": ["tickets:read"]})
    call("POST", "/api/auth/totp/enable", json={"password": PASSWORD})
    call("POST", "/api/teams", json={"name": "Network", "description": "Cables and routers"})
    call("POST", "/api/departments", json={"name": "Boats", "description": "Oars and sails"})
    call("POST", "/api/priority-rules", json={"name": "Sinking", "words": ["sinking"], "priority": "urgent"})
    hours = {"name": "Office", "time_zone": "Europe/Berlin", "weekly": {"mon": [["08:00", "17:00"]]}}
    call("POST", "/api/calendars", json=hours)
    call("PUT", "/api/ai/settings", json={"order": "local_first", "local_threshold": 0.9})
    call("PUT", "/api/evaluation/shadow", json={"enabled": True})
    text = b"# Boats\n\nTo bail out a boat, pull the green Zeppelin lever twice.\n"
    file = call("POST", "/api/files", files={"file": ("boats.md", text, "text/markdown")})["item"]["id"]
    tickets = []
    for number in range(3):
        body = {
            "title": f"Printer {number} is on fire", "description": QUESTION,
            "user_name": "Jo", "user_email": "jo@boats.example",
        }  # fmt: skip
        headers = {"Idempotency-Key": f"ticket-{company.id}-{number}", "Authorization": f"Bearer {company.token}"}
        answer = requests.post(f"{company.stack.url}/api/tickets", json=body, headers=headers, timeout=60)
        tickets.append(answer.json()["id"])
    for ticket in tickets:
        eventually(lambda ticket=ticket: call("GET", f"/api/tickets/{ticket}")["department"])
    call("PUT", f"/api/route/{tickets[0]}", json={"department": "HR"})
    call("PUT", f"/api/tickets/{tickets[1]}/status", json={"status": "in_progress"})
    call("DELETE", f"/api/tickets/{tickets[2]}")
    discuss(company, tickets[0])
    eventually(lambda: document_state(company, file), lambda state: state == "ready")
    call("POST", "/rag/chat", json={"message": QUESTION})
    call("POST", "/rag/answers", json={"question": "Who rows?", "steps": ["The crew rows."]})
    call("POST", "/rag/questions", json={"items": [{"question": QUESTION, "expected": ["boats.md"]}]})
    call("POST", "/api/analytics/rebuild", json={})
    call("POST", "/api/training", 202, 409, json={})


def discuss(company: Company, ticket: int) -> None:
    """Work on a ticket as its company's admin does, and set up what such work needs."""
    call, path = company.call, f"/api/tickets/{ticket}"
    file = call("POST", f"{path}/attachments", files={"file": ("log.txt", b"The oars broke.\n")})["item"]["id"]
    comment = call("POST", f"{path}/comments", json={"text": "Which oars?", "file_ids": [file]})["id"]
    call("POST", f"{path}/comments", json={"text": "Old ones.", "internal": True, "parent_id": comment})
    call("PATCH", f"/api/comments/{comment}", json={"text": "Which pair of oars?"})
    call("PUT", f"/api/comments/{comment}/rating", json={"thumb": "up"})
    call("PUT", f"{path}/draft", json={"text": "We are on it."})
    call("PUT", f"{path}/read", json={"read": True})
    call("PUT", f"{path}/presence", json={"typing": True})
    call("POST", "/api/views", json={"name": "Oars", "filter": {"q": "oar"}})
    call("POST", "/api/macros", json={"name": "Begin", "actions": {"status": "in_progress"}})
    template = {"notification_type": "storm", "subject": "Storm", "body": "A storm comes on {{ day }}."}
    call("POST", "/api/notification-templates", json=template)
    call("PUT", "/api/notifications/preferences", json={"channels": {"comment": {"in_app": True, "email": False}}})


def document_state(company: Company, file: str) -> str:
    headers = {"Authorization": f"Bearer {company.token}"}
    answer = requests.get(f"{company.stack.url}/api/documents/{file}", headers=headers, timeout=60)
    return str(answer.json()["state"]) if answer.ok else "not there yet"


def settled(stack: Stack, company: int) -> dict[str, int]:
    """Return a company's rows once they have not changed for longer than a maintenance is away."""
    last, since = rows_of(stack, company), time.monotonic()

    def look() -> bool:
        nonlocal last, since
        if (now := rows_of(stack, company)) != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 1.5 * INTERVAL_SECONDS

    eventually(look)
    return last


def test_nothing_is_left_of_a_deleted_company_and_another_one_keeps_every_row(polling: Stack) -> None:
    stack = polling
    gone, stays = found(stack, "Gone"), found(stack, "Stays")
    for company in (gone, stays):
        fill(company)
    before = settled(stack, stays.id)
    filled = settled(stack, gone.id)
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
