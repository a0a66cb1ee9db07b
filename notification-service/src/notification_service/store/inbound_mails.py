"""Mails that have arrived: stored first, claimed by one process at a time, and concluded in one transaction."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.inbound import CLAIM_SECONDS, InboundMail, MailState

_SHOWN = "id, mailbox, state, reason, kind, sender, subject, size_bytes, ticket_id, comment_id, received_at, ended_at"
_ADD = text("""
    insert into inbound_mails (company_id, mailbox, sha256, content, size_bytes, recipient, provider_token, request_id)
    values (:company, :mailbox, :sha256, :content, :size, :recipient, :token, :request_id)
    on conflict do nothing returning id
""")
_SAME = text("""
    select id from inbound_mails where company_id = :company and mailbox = :mailbox and sha256 = :sha256
""")
# Index: inbound_mails_waiting.
_WAITING = text("select company_id, mail_id from waiting_mails(:most)")
_CLAIM = text("""
    update inbound_mails m
    set attempts = attempts + 1, claimed_until = clock_timestamp() + make_interval(secs => :seconds)
    where (m.company_id, m.id) = (
        select company_id, id from inbound_mails
        where (company_id, id) in (select * from unnest(cast(:companies as int[]), cast(:ids as bigint[])))
            and state = 'stored' and (claimed_until is null or claimed_until < now())
        order by received_at, id limit 1 for update skip locked
    )
    returning m.company_id, m.id, m.mailbox, m.recipient, m.content, m.sha256, m.attempts, m.is_retried, m.request_id,
        m.received_at
""")
_LOCK = text("""
    select id from inbound_mails where company_id = :company and id = :id and state = 'stored' for update
""")
_CONCLUDE = text("""
    update inbound_mails set state = :state, reason = :reason, kind = :kind, message_id = :message_id,
        content_key = :content_key, sender = :sender, subject = :subject, proven_ticket_id = :proven_ticket_id,
        claimed_until = null, ended_at = clock_timestamp()
    where company_id = :company and id = :id
""")
_FIRST = text("""
    select id from inbound_mails where company_id = :company and content_key = :content_key and state = 'published'
""")
# Index: inbound_mails_automatic.
_AUTOMATIC = text("""
    select count(*) from inbound_mails
    where company_id = :company and sender = :sender and state = 'published' and kind = 'automatic'
        and ended_at > now() - interval '1 hour'
        and proven_ticket_id is not distinct from cast(:ticket as bigint)
""")


@dataclass(frozen=True)
class NewMail:
    """A mail as it arrived at a mailbox."""

    company_id: int
    mailbox: str
    content: bytes = field(repr=False)
    recipient: str
    request_id: str
    provider_token: str | None = None


@dataclass(frozen=True)
class Claim:
    """A mail that this process reads."""

    company_id: int
    id: int
    mailbox: str
    recipient: str
    content: bytes = field(repr=False)
    sha256: bytes
    attempts: int
    is_retried: bool
    request_id: str
    received_at: Any


def add(session: Session, new: NewMail) -> bool:
    """Store a mail; return False where its provider's token was used for another mail.

    The same mail in the same mailbox is stored once.
    """
    values = {
        "company": new.company_id,
        "mailbox": new.mailbox,
        "sha256": hashlib.sha256(new.content).digest(),
        "content": new.content,
        "size": len(new.content),
        "recipient": new.recipient,
        "token": new.provider_token,
        "request_id": new.request_id,
    }
    if session.execute(_ADD, values).first() is not None:
        return True
    same = {name: values[name] for name in ("company", "mailbox", "sha256")}
    return session.execute(_SAME, same).first() is not None


def add_parked(session: Session, new: NewMail, reason: str) -> None:
    """Note a mail that was not fetched; its content is what names it in its mailbox."""
    if add(session, new):
        statement = text("""
            update inbound_mails set state = 'parked', reason = :reason, ended_at = clock_timestamp()
            where company_id = :company and mailbox = :mailbox and sha256 = :sha256
        """)
        digest = hashlib.sha256(new.content).digest()
        values = {"company": new.company_id, "mailbox": new.mailbox, "sha256": digest, "reason": reason}
        session.execute(statement, values)


def waiting(session: Session, most: int) -> list[tuple[int, int]]:
    """Return up to `most` mails of all companies that nobody has read yet, by company and id."""
    return [(row.company_id, row.mail_id) for row in session.execute(_WAITING, {"most": most})]


def claim(session: Session, found: Sequence[tuple[int, int]]) -> Claim | None:
    """Claim one of the mails for this process; None where others have them all."""
    keys = {"companies": [key[0] for key in found], "ids": [key[1] for key in found]}
    row = session.execute(_CLAIM, {**keys, "seconds": CLAIM_SECONDS}).one_or_none()
    if row is None:
        return None
    return Claim(**{**row._mapping, "content": bytes(row.content), "sha256": bytes(row.sha256)})


def lock(session: Session, claimed: Claim) -> bool:
    """Lock a claimed mail; return False where another process has concluded it meanwhile."""
    return session.execute(_LOCK, {"company": claimed.company_id, "id": claimed.id}).first() is not None


def conclude(session: Session, claimed: Claim, state: MailState, reason: str = "", **known: Any) -> None:
    """Store the outcome of a locked mail; `known` are columns of what was read."""
    columns = ("kind", "message_id", "content_key", "sender", "subject", "proven_ticket_id")
    values = {**dict.fromkeys(columns), **known, "state": state, "reason": reason}
    session.execute(_CONCLUDE, {**values, "company": claimed.company_id, "id": claimed.id})


def first_with(session: Session, company_id: int, content_key: bytes) -> int | None:
    """Return the published mail with the same content, None without one. Index: inbound_mails_once."""
    # Two copies at the same time take turns, so that the second one sees the first.
    lock_key = int.from_bytes(content_key[:8], signed=True)
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": lock_key})
    found: int | None = session.execute(
        _FIRST, {"company": company_id, "content_key": content_key}
    ).scalar_one_or_none()
    return found


def automatic_lately(session: Session, company_id: int, sender: str, ticket_id: int | None) -> int:
    """Return how many automatic mails of an address that prove a ticket, or none, were published in an hour."""
    values = {"company": company_id, "sender": sender, "ticket": ticket_id}
    return int(session.execute(_AUTOMATIC, values).scalar_one())


def find(session: Session, company_id: int, mail_id: int, *, lock: bool = False) -> InboundMail | None:
    """Return a mail, None without one."""
    locking = " for update" if lock else ""
    query = text(f"select {_SHOWN} from inbound_mails where company_id = :company and id = :id{locking}")
    row = session.execute(query, {"company": company_id, "id": mail_id}).one_or_none()
    return None if row is None else _mail(row._mapping)


def content(session: Session, company_id: int, mail_id: int) -> bytes | None:
    """Return the bytes of a mail, None without one."""
    query = text("select content from inbound_mails where company_id = :company and id = :id")
    found = session.execute(query, {"company": company_id, "id": mail_id}).scalar_one_or_none()
    return None if found is None else bytes(found)


def page(session: Session, company_id: int, *, state: str | None, before: int, limit: int) -> list[InboundMail]:
    """Return up to `limit` mails before an id, the newest first. Indexes: the primary key, inbound_mails_by_state."""
    condition = "" if state is None else " and state = :state"
    query = text(
        f"select {_SHOWN} from inbound_mails where company_id = :company and id < :before{condition}"
        " order by id desc limit :limit"
    )
    values = {"company": company_id, "before": before, "limit": limit}
    if state is not None:
        values["state"] = state  # type: ignore[assignment]
    return [_mail(row._mapping) for row in session.execute(query, values)]


def retry(session: Session, company_id: int, mail_id: int) -> None:
    """Let a parked mail be read again."""
    statement = text("""
        update inbound_mails set state = 'stored', reason = '', is_retried = true, attempts = 0, ended_at = null
        where company_id = :company and id = :id
    """)
    session.execute(statement, {"company": company_id, "id": mail_id})


def link(session: Session, company_id: int, mail_id: int, ticket_id: int, comment_id: int | None) -> None:
    """Store the ticket and the comment that were made of a mail."""
    statement = text("""
        update inbound_mails set ticket_id = :ticket, comment_id = :comment
        where company_id = :company and id = :id
    """)
    values = {"company": company_id, "id": mail_id, "ticket": ticket_id, "comment": comment_id}
    session.execute(statement, values)


def remove_of_tickets(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Delete the mails of tickets, by company and ticket. Index: inbound_mails_of_ticket."""
    if not keys:
        return
    statement = text("""
        delete from inbound_mails m
        using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as t (company_id, id)
        where m.company_id = t.company_id and m.ticket_id = t.id
    """)
    session.execute(statement, {"companies": [key[0] for key in keys], "tickets": [key[1] for key in keys]})


def remove_old(session: Session, company_id: int, days: int, most: int) -> int:
    """Delete up to `most` mails that arrived more than `days` ago; return how many. Index: inbound_mails_by_age."""
    statement = text("""
        delete from inbound_mails where company_id = :company and id in (
            select id from inbound_mails
            where company_id = :company and received_at < now() - make_interval(days => :days) and state <> 'stored'
            order by received_at limit :most
        )
    """)
    done = session.execute(statement, {"company": company_id, "days": days, "most": most})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _mail(values: Mapping[str, Any]) -> InboundMail:
    return InboundMail(**{**values, "state": MailState(values["state"])})
