"""Mails that have arrived, as they are stored, shown and removed. `mail_reading` has their reading."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.inbound import InboundMail, MailState

_SHOWN = "id, mailbox, state, reason, kind, sender, subject, size_bytes, ticket_id, comment_id, received_at, ended_at"
_ADD = text("""
    insert into inbound_mails (company_id, mailbox, sha256, content, size_bytes, recipient, provider_token, request_id)
    values (:company, :mailbox, :sha256, :content, :size, :recipient, :token, :request_id)
    on conflict do nothing returning id
""")
_SAME = text("""
    select id from inbound_mails where company_id = :company and mailbox = :mailbox and sha256 = :sha256
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


def add(session: Session, new: NewMail) -> bool:
    """Store a mail; return False where its provider's token was used for another mail.

    The same mail in the same mailbox is stored once.
    """
    values = _values(new)
    if session.execute(_ADD, values).first() is not None:
        return True
    same = {name: values[name] for name in ("company", "mailbox", "sha256")}
    return session.execute(_SAME, same).first() is not None


def add_parked(session: Session, new: NewMail, reason: str) -> None:
    """Note a mail that was not fetched, once; its content is what names it in its mailbox."""
    added = session.execute(_ADD, _values(new)).scalar_one_or_none()
    if added is not None:
        statement = text("""
            update inbound_mails set state = 'parked', reason = :reason, ended_at = clock_timestamp()
            where company_id = :company and id = :id
        """)
        session.execute(statement, {"company": new.company_id, "id": added, "reason": reason})


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


def _values(new: NewMail) -> dict[str, Any]:
    return {
        "company": new.company_id,
        "mailbox": new.mailbox,
        "sha256": hashlib.sha256(new.content).digest(),
        "content": new.content,
        "size": len(new.content),
        "recipient": new.recipient,
        "token": new.provider_token,
        "request_id": new.request_id,
    }


def _mail(values: Mapping[str, Any]) -> InboundMail:
    return InboundMail(**{**values, "state": MailState(values["state"])})
