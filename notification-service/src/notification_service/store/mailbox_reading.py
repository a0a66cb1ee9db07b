"""How far IMAP mailboxes are read: one reader at a time, by a lease that ends by itself."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.mailbox import Mailbox
from notification_service.store import mailboxes

LEASE_SECONDS = 300
# Index: mailboxes_due.
_DUE = text("select company_id, mailbox_id from due_mailboxes(:most)")
_LEASE = text("""
    update mailboxes m set lease = :lease, leased_until = clock_timestamp() + make_interval(secs => :seconds)
    where (m.company_id, m.id) = (
        select company_id, id from mailboxes
        where (company_id, id) in (select * from unnest(cast(:companies as int[]), cast(:ids as bigint[])))
            and is_active and next_read_at <= now() and (leased_until is null or leased_until < now())
        order by next_read_at, id limit 1 for update skip locked
    )
    returning m.company_id, m.id
""")
_ADVANCE = text("""
    update mailboxes set uid_validity = :validity, last_uid = :uid,
        leased_until = clock_timestamp() + make_interval(secs => :seconds)
    where company_id = :company and id = :id and lease = :lease and version = :version returning id
""")
_RELEASE = text("""
    update mailboxes set lease = null, leased_until = null, fault = :fault,
        read_at = case when :fault = '' then clock_timestamp() else read_at end,
        next_read_at = clock_timestamp() + make_interval(secs => :pause)
    where company_id = :company and id = :id and lease = :lease and version = :version
""")


def due(session: Session, most: int) -> list[tuple[int, int]]:
    """Return up to `most` mailboxes of all companies that are due, by company and id."""
    return [(row.company_id, row.mailbox_id) for row in session.execute(_DUE, {"most": most})]


def lease(session: Session, found: Sequence[tuple[int, int]], token: UUID) -> Mailbox | None:
    """Lease one of the mailboxes that is due and that nobody else reads; None without one."""
    values = {"companies": [key[0] for key in found], "ids": [key[1] for key in found]}
    row = session.execute(_LEASE, {**values, "lease": str(token), "seconds": LEASE_SECONDS}).one_or_none()
    return None if row is None else mailboxes.find(session, row.company_id, row.id)


def advance(session: Session, mailbox: Mailbox, token: UUID, uid_validity: int, uid: int) -> bool:
    """Store up to which mail a leased mailbox is read; return False where the lease is lost, or the mailbox changed."""
    values = {"validity": uid_validity, "uid": uid, "seconds": LEASE_SECONDS}
    return session.execute(_ADVANCE, {**values, **_key(mailbox, token)}).first() is not None


def release(session: Session, mailbox: Mailbox, token: UUID, *, fault: str, pause_seconds: float) -> None:
    """End a lease, with the fault that ended the reading."""
    session.execute(_RELEASE, {**_key(mailbox, token), "fault": fault, "pause": pause_seconds})


def _key(mailbox: Mailbox, token: UUID) -> dict[str, object]:
    return {"company": mailbox.company_id, "id": mailbox.id, "version": mailbox.version, "lease": str(token)}
