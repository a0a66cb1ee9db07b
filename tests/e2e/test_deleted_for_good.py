"""No table of any service holds a word of what was deleted."""

from urllib.parse import urlsplit, urlunsplit

import psycopg2
import requests

from tests.stack import Stack, admin_url, eventually

FOUND = "strpos(t::text, %(words)s) > 0 or strpos(t::text, encode(convert_to(%(words)s, 'UTF8'), 'hex')) > 0"


def tables_with(stack: Stack, words: str) -> list[str]:
    """Name the tables of all services that hold these words, as text or as bytes."""
    url = urlunsplit(urlsplit(admin_url())._replace(path=f"/{stack.name}"))
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select schemaname || '.' || tablename from pg_tables"
                " where schemaname not in ('pg_catalog', 'information_schema')"
            )
            tables = [name for (name,) in cursor.fetchall()]
            assert len(tables) > 40
            found = []
            for table in tables:
                cursor.execute(f"select exists (select from {table} as t where {FOUND})", {"words": words})
                if cursor.fetchone() == (True,):
                    found.append(table)
            return found
    finally:
        connection.close()


def events_about(stack: Stack, ticket: int) -> dict[str, int]:
    """Count the events in each service's outbox that are about a ticket, but for its deletion; only where any are."""
    url = urlunsplit(urlsplit(admin_url())._replace(path=f"/{stack.name}"))
    subject = "select count(*) from {}.outbox where subject = %s and type <> 'ticket.deleted'"
    found = {}
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            for schema in ("ticket", "ai", "routing", "rag"):
                cursor.execute(subject.format(schema), (str(ticket),))
                found[schema] = cursor.fetchone()[0]
    finally:
        connection.close()
    return {schema: number for schema, number in found.items() if number}


def test_a_deleted_ticket_leaves_no_word_of_its_text_and_people_in_any_service(stack: Stack) -> None:
    words = "Xylo-4711"
    ticket = stack.create(
        title=f"{words} password", description=f"My {words} asks for the vpn.", user_name=f"Jo {words}",
        user_email=f"{words}@company.example",
    ).json()["id"]  # fmt: skip
    address = f"{stack.url}/api/tickets/{ticket}"
    eventually(lambda: stack.get(f"/api/tickets/{ticket}")["department"], bool)
    edit = {"title": f"{words} again", "department": "HR"}
    assert requests.patch(address, json=edit, headers={"Prefer": "wait=10"}, timeout=60).json()["department"] == "HR"
    assert "ticket.tickets" in tables_with(stack, words)
    assert requests.delete(address, timeout=60).status_code == 204
    eventually(lambda: tables_with(stack, words), lambda found: found == [])
    eventually(lambda: events_about(stack, ticket), lambda found: found == {})


def test_a_deleted_file_leaves_neither_its_name_nor_its_words_in_any_service(stack: Stack) -> None:
    text = b"# Lamp\n\nTo light the lamp, turn the Zither-4712 twice.\n"
    files = {"file": ("viola-4713.md", text, "text/markdown")}
    stored = requests.post(stack.url + "/api/files", files=files, timeout=60).json()["item"]["id"]
    path = f"/api/documents/{stored}"
    eventually(lambda: requests.get(stack.url + path, timeout=60).status_code, lambda code: code == 200)
    eventually(lambda: stack.get(path)["state"], lambda state: state == "ready")
    ticket = stack.create(title="Lamp", description="How do I light the lamp?").json()["id"]
    eventually(lambda: stack.get(f"/api/tickets/{ticket}")["solution_steps"], lambda steps: steps is not None)
    assert {"ticket.files", "rag.documents"} <= set(tables_with(stack, "viola-4713"))
    assert requests.delete(f"{stack.url}/api/files/{stored}", timeout=60).status_code == 204
    for words in ("viola-4713", "Zither-4712"):
        eventually(lambda said=words: tables_with(stack, said), lambda found: found == [])
