"""Sessions, users and keys that must be refused although their tokens are still valid."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from service_kit.database.pg_arrays import pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

SESSION = "session"
USER = "user"
KEY = "key"
ROLE = "role"
"""A user has another role: tokens end with their sessions, and API keys must be verified again."""
KEPT_MINUTES = 20
"""Longer than an access token is valid (15 minutes) and than the gateway asks back for (16)."""


class Revocation(NamedTuple):
    """A session's or key's id, or a user's subject, and when it was revoked."""

    kind: str
    id: str
    revoked_at: datetime


def add(session: Session, company_id: int, kind: str, ids: Collection[str]) -> None:
    """Add revocations of one kind, and remove the company's old ones."""
    if not ids:
        return
    session.execute(
        text(
            "delete from revocations where company_id = :company"
            " and revoked_at < now() - make_interval(mins => :minutes)"
        ),
        {"company": company_id, "minutes": KEPT_MINUTES},
    )
    session.execute(
        text(
            "insert into revocations (company_id, kind, id)"
            " select :company, :kind, id from unnest(cast(:ids as text[])) as t (id)"
            " on conflict (company_id, kind, id) do update set revoked_at = excluded.revoked_at"
        ),
        {"company": company_id, "kind": kind, "ids": pg_text_array(sorted(ids))},
    )


def since(session: Session, moment: datetime) -> list[Revocation]:
    """Return the revocations of all companies since a moment, oldest first; the session needs no company."""
    query = text("select kind, id, revoked_at from auth.revocations_since(:moment)")
    return [Revocation(*row) for row in session.execute(query, {"moment": moment})]
