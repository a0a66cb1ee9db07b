"""Every cell of the declared policy, asked of the service."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import HANDBOOK, QUESTION, Api, World

SECRETS = {1: "mulberry", 2: "quince"}
TOO_FEW_QUESTIONS = frozenset({409})
"""The state refuses a tuning, not the policy."""


@pytest.fixture
def documents(world: World) -> dict[int, UUID]:
    """The document of each company, by company; each holds its secret.

    The worker ends when it has read them, so that only requests change the tables that the tests compare.
    """
    text = "{}\n# Wireless\n\nTo use the wireless network, enter the password {}.\n"
    made = {
        company: world.upload(f"{secret}.md", text.format(HANDBOOK, secret), company=company)
        for company, secret in SECRETS.items()
    }
    world.announced("document.ingested", len(made))
    assert world.worker.stop(180)
    return made


@pytest.fixture
def builders(made: ServiceDatabase, documents: dict[int, UUID]) -> dict[str, Builder]:
    """Give a builder per row."""

    def execute(statement: str, *values: Any) -> Any:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None

    def marker(target: Target) -> str:
        return f"marked-{target.number}-{target.company}"

    def answer(target: Target) -> int:
        statement = (
            "insert into approved_answers (company_id, question, steps, approved_by) values (%s, %s, '[]', 'x')"
            " returning id"
        )
        return int(execute(statement, target.company, marker(target)))

    def question(target: Target) -> int:
        statement = "insert into questions (company_id, question, expected) values (%s, %s, '[\"x\"]') returning id"
        return int(execute(statement, target.company, marker(target)))

    def listed(path: str, store: Callable[[Target], int]) -> Builder:
        def build(target: Target) -> Ask:
            execute("delete from approved_answers")
            execute("delete from questions")
            store(target)
            return Ask(f"{path}?limit=100", shows=f'"{marker(target)}"')

        return build

    def conversation(target: Target) -> Ask:
        number = uuid4()
        execute("insert into conversations (company_id, id, owner) values (%s, %s, %s)",
                target.company, str(number), target.owner)  # fmt: skip
        return Ask("/rag/chat", {"message": "hi", "conversation_id": str(number)})

    def of_company(path: str, **body: Any) -> Builder:
        return lambda target: Ask(path, {**body, "company_id": target.company})

    def found(target: Target) -> Ask:
        wanted = {"query": "What is the password of the wireless network?", "top_k": 50}
        return Ask("/rag/retrieve", wanted, shows=SECRETS[target.company])

    def found_in(target: Target) -> Ask:
        wanted = found(target)
        return Ask(
            wanted.path, {**wanted.body, "filters": {"source_id": [str(documents[target.company])]}}, wanted.shows
        )

    def event(target: Target) -> Ask:
        return Ask("/rag/events", {"event": "file.deleted", "company_id": target.company, "file_id": target.number})

    def progress(table: str, path: str) -> Builder:
        keep = ", false" if table == "tunings" else ""

        def build(target: Target) -> Ask:
            execute(f"delete from {table}")
            execute(
                f"insert into {table} (company_id, number, state{', keep' if keep else ''})"
                f" values (%s, %s, 'done'{keep})", target.company, 70_000 + target.number,
            )  # fmt: skip
            return Ask(path, shows=f'"number":{70_000 + target.number},')

        return build

    def tune(target: Target) -> Ask:
        execute(
            "insert into questions (company_id, question, expected)"
            " select %s, 'question ' || n, jsonb_build_array(n || '.md') from generate_series(1, 30) n", target.company,
        )  # fmt: skip
        return Ask("/rag/tune", {}, statuses=TOO_FEW_QUESTIONS)

    def drop_fusion(target: Target) -> Ask:
        progress("tunings", "/rag/tune")(target)
        execute("update tunings set fusion = '{}'")
        return Ask("/rag/tune")

    approve = {"question": "q", "steps": ["s"]}
    return {
        **shared_builders(made),
        "GET /rag/health": lambda _: Ask("/rag/health"),
        "POST /rag/retrieve": found,
        "POST /rag/retrieve (company_id)": of_company("/rag/retrieve", query="q"),
        "POST /rag/retrieve (filters.source_id)": found_in,
        "POST /rag/solution": lambda _: Ask("/rag/solution", {"ticket_description": QUESTION}),
        "POST /rag/solution (company_id)": of_company("/rag/solution", ticket_description=QUESTION),
        "POST /rag/chat": lambda _: Ask("/rag/chat", {"message": "hi"}),
        "POST /rag/chat (company_id)": of_company("/rag/chat", message="hi"),
        "POST /rag/chat (conversation_id)": conversation,
        "GET /rag/answers": listed("/rag/answers", answer),
        "POST /rag/answers": lambda _: Ask("/rag/answers", approve),
        "POST /rag/answers (company_id)": of_company("/rag/answers", **approve),
        "DELETE /rag/answers/{number}": lambda target: Ask(f"/rag/answers/{answer(target)}"),
        "GET /rag/questions": listed("/rag/questions", question),
        "POST /rag/questions": lambda _: Ask("/rag/questions", {"items": [{"question": "q", "expected": ["x"]}]}),
        "DELETE /rag/questions": lambda _: Ask("/rag/questions"),
        "DELETE /rag/questions/{number}": lambda target: Ask(f"/rag/questions/{question(target)}"),
        "GET /rag/evaluate": listed("/rag/evaluate", question),
        "POST /rag/events": lambda _: Ask("/rag/events", {"event": "file.deleted", "company_id": 1, "file_id": 5}),
        "POST /rag/events (company_id)": event,
        "GET /rag/rebuild": progress("rebuilds", "/rag/rebuild"),
        "POST /rag/rebuild": lambda _: Ask("/rag/rebuild"),
        "GET /rag/tune": progress("tunings", "/rag/tune"),
        "POST /rag/tune": tune,
        "DELETE /rag/tune": drop_fusion,
        "GET /api/documents": lambda target: Ask("/api/documents", shows=str(documents[target.company])),
        "GET /api/documents/{document_id}": lambda target: Ask(f"/api/documents/{documents[target.company]}"),
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
    rows_apart = False  # reading the documents takes longer than all the requests
