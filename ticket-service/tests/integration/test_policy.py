"""Every cell of the declared policy, asked of the service."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4, uuid5

import pytest
from service_kit.http.pages import encode_cursor
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.settings import Settings

from tests.security.policy import CALLER, Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import DRAFT, Api
from .comment_rows import comment_builders

HDTS_TICKET = {"title": "t", "category": "Hardware", "sub_category": "Laptop", "priority": "low"}
SPACE = UUID("4a2f0f6c-5d0f-4b2f-9d51-1a2b3c4d5e6f")


@pytest.fixture
def execute(made: ServiceDatabase) -> Callable[..., Any]:
    """Give a function that runs a statement without row-level security and returns its first value."""

    def run(statement: str, *values: Any) -> Any:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None

    return run


@pytest.fixture
def builders(
    made: ServiceDatabase, api: Api, execute: Callable[..., Any], read: Callable[..., Settings]
) -> dict[str, Builder]:
    """Give a builder per row."""

    def ticket(target: Target, department: str | None = None) -> int:
        number = execute(
            "insert into tickets (company_id, uuid, title, description, customer_id, user_email, department)"
            " values (%s, %s, %s, 'd', %s, %s, %s) returning id",
            target.company, str(uuid(target)), title(target), target.owner, address(target), department,
        )  # fmt: skip
        execute(
            "insert into ticket_events (company_id, ticket_id, event_type, actor, cause, payload, request_id)"
            " values (%s, %s, 'created', 'a', 'request', '{}', 'r')",
            target.company, number,
        )  # fmt: skip
        return int(number)

    def sent_before(target: Target) -> Ask:
        external_id = str(uuid4())
        execute("update tickets set external_ticket_id = %s where id = %s", external_id, ticket(target))
        return Ask("/api/hdts/tickets", HDTS_TICKET | {"ticket_id": external_id})

    def by_number(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/tickets/{ticket(target)}{suffix}", body)

    def with_draft(target: Target) -> int:
        number = ticket(target)
        execute(
            "insert into reply_drafts (company_id, ticket_id, author, text, internal, updated_at)"
            " values (%s, %s, %s, 'Dear', false, now())",
            target.company, number, target.owner,
        )  # fmt: skip
        return number

    def view(target: Target) -> int:
        number = execute(
            "insert into saved_views (company_id, owner, name, filter, sort, shared)"
            " values (%s, %s, %s, '{}', 'created', false) returning id",
            target.company, target.owner, title(target),
        )  # fmt: skip
        return int(number)

    def macro(target: Target) -> int:
        number = execute(
            "insert into macros (company_id, name, actions) values (%s, %s, '{\"status\": \"closed\"}') returning id",
            target.company, title(target),
        )  # fmt: skip
        return int(number)

    def listed_macro(target: Target) -> Ask:
        return Ask(f"/api/macros?limit=100&cursor={encode_cursor([macro(target) - 1])}", shows=f'"{title(target)}"')

    def by_macro(body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/macros/{macro(target)}", body)

    def by_view(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/views/{view(target)}{suffix}", body)

    def listed_view(target: Target) -> Ask:
        number = view(target)
        return Ask(f"/api/views?limit=100&cursor={encode_cursor([number - 1])}", shows=f'"{title(target)}"')

    def by_uuid(suffix: str = "") -> Builder:
        def build(target: Target) -> Ask:
            ticket(target)
            return Ask(f"/tickets/{uuid(target)}{suffix}")

        return build

    def listed(query: Callable[[Target], str]) -> Builder:
        def build(target: Target) -> Ask:
            ticket(target)
            return Ask(f"/api/tickets?limit=100{query(target)}", shows=f'"{title(target)}"')

        return build

    def file(target: Target) -> str:
        made = Api(api.client, company=target.company, subject=target.owner)
        return str(made.stored(f"file {target.number} of {target.company}".encode(), f"{title(target)}.txt")["id"])

    def by_department(target: Target) -> Ask:
        name = f"Department {target.number}"
        execute(
            "insert into departments (company_id, department_id, name, is_active, revision)"
            " values (%s, %s, %s, true, 1)",
            target.company, target.number, name,
        )  # fmt: skip
        return Ask(f"/api/departments/{quote(name)}/tickets")

    def in_department(target: Target) -> Ask:
        ticket(target, "HR")
        return Ask("/api/departments/HR/tickets?limit=100", shows=f'"{title(target)}"')

    def customer(target: Target) -> Ask:
        other = target.owner if target.company == 1 else "user:9"
        return Ask("/tickets", {"subject": title(target), "body": "b", "customer_id": other})

    def upload(target: Target) -> Ask:
        content = BytesIO(f"upload {target.number}".encode())
        return Ask("/api/files", form={"file": (content, f"u{target.number}.txt")})

    def job(target: Target) -> str:
        number = str(uuid(target))
        execute(
            "insert into jobs (company_id, id, kind, state, created_by, actor, request_id, traceparent, actor_kind,"
            " total) values (%s, %s, 'create', 'queued', %s, 'a', 'r', '', 'person', 1)",
            target.company, number, target.owner,
        )  # fmt: skip
        execute(
            "insert into job_items (company_id, job_id, index, status) values (%s, %s, 0, 'pending')",
            target.company, number,
        )  # fmt: skip
        return number

    def change_many(target: Target) -> Ask:
        execute("delete from jobs where company_id = 1")  # a company has a limit of unfinished ones
        return Ask("/api/tickets/bulk", {"ids": [ticket(target)], "change": {"status": "closed"}})

    def change_items(target: Target) -> Ask:
        execute("delete from jobs where company_id = 1")
        return Ask("/api/tickets/bulk", {"items": [{"id": ticket(target)}], "change": {"status": "closed"}})

    def create_many(_: Target) -> Ask:
        execute("delete from jobs where company_id = 1")
        return Ask("/api/tickets/bulk", {"tickets": [DRAFT]})

    return {
        **shared_builders(made),
        **comment_builders(execute, ticket, read().files),
        "POST /api/tickets/bulk": create_many,
        "PATCH /api/tickets/bulk": change_many,
        "PATCH /api/tickets/bulk (ids)": change_many,
        "PATCH /api/tickets/bulk (items.id)": change_items,
        "GET /api/jobs": lambda target: Ask("/api/jobs?limit=100", shows=job(target)),
        "GET /api/jobs/{job_id}": lambda target: Ask(f"/api/jobs/{job(target)}"),
        "DELETE /api/jobs/{job_id}": lambda target: Ask(f"/api/jobs/{job(target)}"),
        "GET /api/tickets": listed(lambda _: ""),
        "GET /api/tickets (q)": listed(lambda target: f"&q={quote(title(target))}"),
        "GET /api/tickets (requester)": listed(lambda target: f"&requester={address(target)}"),
        "GET /api/tickets (customer_id)": listed(lambda target: f"&customer_id={target.owner}"),
        "GET /api/tickets (customer)": listed(lambda target: f"&customer={target.owner}"),
        "POST /api/tickets": lambda _: Ask("/api/tickets", DRAFT),
        "POST /api/hdts/tickets": lambda _: Ask("/api/hdts/tickets", HDTS_TICKET | {"ticket_id": str(uuid4())}),
        "POST /api/hdts/tickets (ticket_id)": sent_before,
        "GET /api/tickets/{ticket_id}": by_number(),
        "PATCH /api/tickets/{ticket_id}": by_number(body={"title": "changed"}),
        "PUT /api/tickets/{ticket_id}": by_number(body={"title": "changed"}),
        "DELETE /api/tickets/{ticket_id}": by_number(),
        "PUT /api/tickets/{ticket_id}/status": by_number("/status", {"status": "closed"}),
        "GET /api/tickets/{ticket_id}/events": by_number("/events"),
        "POST /api/tickets/{ticket_id}/solve": by_number("/solve", {"steps": ["Restart it."]}),
        "GET /api/tickets/{ticket_id}/presence": by_number("/presence"),
        "PUT /api/tickets/{ticket_id}/presence": by_number("/presence", {"typing": True}),
        "GET /api/macros": listed_macro,
        "POST /api/macros": lambda _: Ask("/api/macros", {"name": "Close", "actions": {"status": "closed"}}),
        "GET /api/macros/{macro_id}": by_macro(),
        "PUT /api/macros/{macro_id}": by_macro({"name": "changed", "actions": {"priority": "high"}}),
        "DELETE /api/macros/{macro_id}": by_macro(),
        "POST /api/tickets/{ticket_id}/macros/{macro_id}": lambda target: Ask(
            f"/api/tickets/{ticket(target)}/macros/{macro(target)}"
        ),
        "GET /api/views": listed_view,
        "POST /api/views": lambda _: Ask("/api/views", {"name": "Mine"}),
        "GET /api/views/{view_id}": by_view(),
        "PUT /api/views/{view_id}": by_view(body={"name": "changed"}),
        "DELETE /api/views/{view_id}": by_view(),
        "GET /api/views/{view_id}/tickets": by_view("/tickets"),
        "PUT /api/tickets/{ticket_id}/read": by_number("/read", {"read": True}),
        "GET /api/tickets/{ticket_id}/draft": lambda target: Ask(f"/api/tickets/{with_draft(target)}/draft"),
        "PUT /api/tickets/{ticket_id}/draft": lambda target: Ask(
            f"/api/tickets/{with_draft(target)}/draft", {"text": "Dear Ann"}
        ),
        "DELETE /api/tickets/{ticket_id}/draft": lambda target: Ask(f"/api/tickets/{with_draft(target)}/draft"),
        "POST /tickets": lambda target: Ask(
            "/tickets", {"subject": "s", "body": f"{target.number}", "customer_id": CALLER}
        ),
        "POST /tickets (customer_id)": customer,
        "GET /tickets/{uuid}": by_uuid(),
        "GET /tickets/{uuid}/events": by_uuid("/events"),
        "GET /api/departments/{name}/tickets": by_department,
        "GET /api/departments/{name}/tickets (tickets)": in_department,
        "GET /api/files": lambda target: Ask("/api/files?limit=100", shows=file(target)),
        "POST /api/files": upload,
        "GET /api/files/{file_id}": lambda target: Ask(f"/api/files/{file(target)}"),
        "GET /api/files/{file_id}/content": lambda target: Ask(f"/api/files/{file(target)}/content"),
        "DELETE /api/files/{file_id}": lambda target: Ask(f"/api/files/{file(target)}"),
        "PUT /internal/tickets/{ticket_id}/presence": lambda target: Ask(
            f"/internal/tickets/{ticket(target)}/presence", {"person": "user:7", "name": "Ada", "typing": True}
        ),
        "GET /internal/files": lambda target: Ask(f"/internal/files?ids={(made := file(target))}", shows=made),
        "GET /internal/files/{file_id}/content": lambda target: Ask(f"/internal/files/{file(target)}/content"),
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api


def uuid(target: Target) -> UUID:
    return uuid5(SPACE, str(target))


def title(target: Target) -> str:
    return f"Marked{target.number}of{target.company}{target.owner.replace(':', '')}"


def address(target: Target) -> str:
    return f"n{target.number}c{target.company}@example.org"
