"""Tickets that are stored and announced already, by the service's own statement."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
from eventbus.contracts import Contracts
from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from ticket_service.domain.ticket import Draft
from ticket_service.usecases.create_ticket import create_ticket
from ticket_service.usecases.request_context import RequestContext

from tests.stack import PASSWORD, Stack, admin_url

WORDS = ("My password expired", "The heating is cold", "When is my salary paid", "An invoice was paid twice", "Hello")


def app_url(stack: Stack, schema: str) -> str:
    """Return a service's address of its schema."""
    environment = stack.environment("ticket-service")
    where = f"{environment['DB_HOST']}:{environment['DB_PORT']}"
    return f"postgresql://{stack.name}_{schema}_app:{PASSWORD}@{where}/{stack.name}"


def draft(number: int) -> Draft:
    """Write the ticket of this number."""
    return Draft(
        title=f"{WORDS[number % len(WORDS)]} {number}",
        description=f"{WORDS[number % len(WORDS)]}. It began yesterday; nothing I tried helped. Number {number}.",
        user_name="Ann Example",
        user_email="ann@example.test",
        priority=None,
        metadata=None,
    )


def store(stack: Stack, number: int, company: int = 1, threads: int = 8) -> None:
    """Store tickets as POST does, without HTTP and without waking a relay."""
    database = Database(app_url(stack, "ticket"), schema="ticket", pool_size=threads)
    outbox.connect(database, Contracts.installed())
    context = RequestContext(company_id=company, actor="person:1", cause=Cause("benchmark", "", "person"))
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda each: create_ticket(database, draft(each), context), range(number)):
            pass
    database.dispose()


def posted(number: int) -> dict[str, str]:
    """Write the same ticket as a request's body."""
    wanted = draft(number)
    return {
        "title": wanted.title,
        "description": wanted.description,
        "user_name": str(wanted.user_name),
        "user_email": str(wanted.user_email),
    }


def ask(stack: Stack, sql: str) -> list[tuple[Any, ...]]:
    """Ask the stack's database past all walls."""
    url = admin_url().rsplit("/", 1)[0] + f"/{stack.name}"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
