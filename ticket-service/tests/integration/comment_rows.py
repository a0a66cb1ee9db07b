"""What the rows of the policy about comments are asked with."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from ticket_service.adapters.storage import storage_of
from ticket_service.settings import FileSettings

from tests.security.policy import CALLER, COMPANY, Ask, Builder, Target


def comment_builders(
    execute: Callable[..., Any], ticket: Callable[[Target], int], files: FileSettings
) -> dict[str, Builder]:
    """Return a builder per row. `execute` runs a statement and `ticket` stores a ticket, both without RLS."""

    def comment(target: Target, ticket_id: int | None = None) -> int:
        number = execute(
            "insert into comments (company_id, uuid, ticket_id, depth, internal, state, author, author_kind, text,"
            " request_id, traceparent, actor_kind, audit_actor)"
            " values (%s, %s, %s, 0, false, 'sent', %s, 'agent', 'x', 'r', '', 'person', '') returning id",
            target.company, str(uuid4()), ticket(target) if ticket_id is None else ticket_id, f"person:{target.owner}",
        )  # fmt: skip
        return int(number)

    def on_comment(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/comments/{comment(target)}{suffix}", body)

    def reply(target: Target) -> Ask:
        # The caller's own ticket: a comment on another one is no parent there.
        number = ticket(replace(target, company=COMPANY, owner=CALLER))
        parent = comment(target, number if target.name == "own" else None)
        path = f"/api/tickets/{number}/comments"
        return Ask(path, {"text": "x", "parent_id": parent}, not_found=frozenset({400, 404}))

    def mention(target: Target) -> Ask:
        execute(
            "insert into users (company_id, user_id, role, is_active, revision) values (%s, %s, 'agent', true, 1)",
            target.company, target.number,
        )  # fmt: skip
        path = f"/api/tickets/{ticket(replace(target, company=COMPANY, owner=CALLER))}/comments"
        return Ask(path, {"text": "x", "mentions": [target.number]}, not_found=frozenset({400, 404}))

    def attachment(target: Target, ticket_id: int, comment_id: int | None = None) -> str:
        key, file_id = str(uuid4()), str(uuid4())
        content = key.encode()
        execute(
            "insert into blobs (company_id, storage_key, sha256, size_bytes, state) values (%s, %s, %s, %s, 'stored')",
            target.company, key, hashlib.sha256(content).hexdigest(), len(content),
        )  # fmt: skip
        storage_of(files).put(target.company, UUID(key), BytesIO(content), len(content))
        execute(
            "insert into attachments (company_id, id, ticket_id, comment_id, name, kind, content_type, storage_key,"
            " uploaded_by) values (%s, %s, %s, %s, 'a.txt', 'text', 'text/plain', %s, %s)",
            target.company, file_id, ticket_id, comment_id, key, f"person:{target.owner}",
        )  # fmt: skip
        return file_id

    def with_file(target: Target) -> Ask:
        number = ticket(replace(target, company=COMPANY, owner=CALLER))
        other = number if target.company == COMPANY else ticket(target)
        body = {"text": "x", "file_ids": [attachment(target, other)]}
        return Ask(f"/api/tickets/{number}/comments", body, not_found=frozenset({400, 404}))

    def send_attachment(target: Target) -> Ask:
        content = BytesIO(f"attachment {target.number}".encode())
        return Ask(f"/api/tickets/{ticket(target)}/attachments", form={"file": (content, f"a{target.number}.txt")})

    def download(target: Target) -> Ask:
        number = ticket(target)
        on = comment(target, number)
        return Ask(f"/api/comments/{on}/files/{attachment(target, number, on)}/content")

    return {
        "POST /api/tickets/{ticket_id}/comments (file_ids)": with_file,
        "POST /api/tickets/{ticket_id}/attachments": send_attachment,
        "GET /api/comments/{comment_id}/files/{file_id}/content": download,
        "GET /api/tickets/{ticket_id}/comments": lambda target: Ask(f"/api/tickets/{ticket(target)}/comments"),
        "POST /api/tickets/{ticket_id}/comments": lambda target: Ask(
            f"/api/tickets/{ticket(target)}/comments", {"text": "x"}
        ),
        "POST /api/tickets/{ticket_id}/comments (parent_id)": reply,
        "POST /api/tickets/{ticket_id}/comments (mentions)": mention,
        "GET /api/comments/{comment_id}": on_comment(),
        "PATCH /api/comments/{comment_id}": on_comment(body={"text": "changed"}),
        "DELETE /api/comments/{comment_id}": on_comment(),
        "GET /api/comments/{comment_id}/revisions": on_comment("/revisions"),
        "PUT /api/comments/{comment_id}/rating": on_comment("/rating", {"thumb": "up"}),
    }
