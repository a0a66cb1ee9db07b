"""When people's digests are due, and what stands in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.notification import Notification

# Index: preferences_digest_due.
_DUE = text("select company_id, user_id from due_digests(:most)")
# Nothing waits here: a locked digest is another process's.
_LOCK = text("""
    select p.digest, p.digest_after, now() as now,
        (select u.is_active from users u where u.company_id = p.company_id and u.user_id = p.user_id) as is_active,
        (
            -- Index: notifications_unread.
            select max(n.id) from notifications n
            where n.company_id = p.company_id and n.user_id = p.user_id and n.is_shown and n.read_at is null
                and n.id > p.digest_after
        ) as newest
    from preferences p
    where p.company_id = :company and p.user_id = :user and p.digest_at <= now()
    for update of p skip locked
""")
_MOVE = text("""
    update preferences set digest_at = :at, digest_after = :after where company_id = :company and user_id = :user
""")
# Index: notifications_unread.
_UNREAD = text("""
    select id, kind, ticket_id, facts, created_at, count(*) over () as number from notifications
    where company_id = :company and user_id = :user and is_shown and read_at is null and id > :after and id <= :up_to
        and not (:without_internal and coalesce((facts ->> 'internal')::boolean, false))
    order by id limit :most
""")
_END = text("""
    update preferences set digest = null, digest_at = null
    where company_id = :company and user_id = :user and digest is not null
""")


@dataclass(frozen=True)
class DueDigest:
    """A locked digest that is due. `newest` is the last notification that it would list, None without any."""

    document: Mapping[str, Any]
    after: int
    newest: int | None
    is_active: bool
    now: datetime


def due(session: Session, most: int) -> list[tuple[int, int]]:
    """Return up to `most` people of all companies whose digest is due, by company and number."""
    return [(row.company_id, row.user_id) for row in session.execute(_DUE, {"most": most})]


def lock(session: Session, company_id: int, user_id: int) -> DueDigest | None:
    """Lock a digest that is still due and that nobody else has locked; None without one."""
    row = session.execute(_LOCK, {"company": company_id, "user": user_id}).one_or_none()
    return None if row is None else DueDigest(row.digest, row.digest_after, row.newest, bool(row.is_active), row.now)


def move(session: Session, company_id: int, user_id: int, *, at: datetime, after: int) -> None:
    """Store when a person's next digest is due, and which notification the last one ended with."""
    session.execute(_MOVE, {"company": company_id, "user": user_id, "at": at, "after": after})


def unread(
    session: Session, company_id: int, user_id: int, *, after: int, up_to: int, without_internal: bool, most: int
) -> tuple[list[Notification], int]:
    """Return up to `most` unread notifications of a person between two, and how many there are."""
    values = {
        "company": company_id,
        "user": user_id,
        "after": after,
        "up_to": up_to,
        "without_internal": without_internal,
        "most": most,
    }
    rows = session.execute(_UNREAD, values).all()
    found = [Notification(row.id, row.kind, row.ticket_id, row.facts, False, row.created_at) for row in rows]
    return found, rows[0].number if rows else 0


def end(session: Session, company_id: int, user_id: int) -> None:
    """End a person's digests."""
    session.execute(_END, {"company": company_id, "user": user_id})
