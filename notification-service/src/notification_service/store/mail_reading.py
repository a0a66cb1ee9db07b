"""The reading of mails that have arrived: claimed by one process at a time, and concluded in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.inbound import CLAIM_SECONDS, MailState, Waiting
from notification_service.domain.mail.message import MailKind

MAX_CLAIMED_BYTES = 32 * 1024 * 1024
"""A process claims further mails until those that it has are this large."""
# Index: inbound_mails_waiting.
_WAITING = text("select company_id, mail_id, attempts from waiting_mails(:most)")
_CLAIM = text("""
    with free as (
        select m.company_id, m.id, m.size_bytes, w.place
        from unnest(cast(:companies as int[]), cast(:ids as bigint[])) with ordinality as w (company_id, id, place)
        join inbound_mails m on m.company_id = w.company_id and m.id = w.id
        where m.state = 'stored' and (m.claimed_until is null or m.claimed_until < now())
        order by w.place limit :most for update of m skip locked
    ), sized as (
        select company_id, id, place, sum(size_bytes) over (order by place) - size_bytes as bytes_before from free
    ), claimed as (
        update inbound_mails m
        set attempts = attempts + 1, claimed_until = clock_timestamp() + make_interval(secs => :seconds)
        from sized s where m.company_id = s.company_id and m.id = s.id and s.bytes_before < :bytes
        returning s.place, m.company_id, m.id, m.mailbox, m.recipient, m.content, m.sha256, m.attempts, m.is_retried,
            m.request_id, m.received_at
    )
    select * from claimed order by place
""")
_GIVE_BACK = text("""
    update inbound_mails m set attempts = attempts - 1, claimed_until = null
    from unnest(cast(:companies as int[]), cast(:ids as bigint[])) as w (company_id, id)
    where m.company_id = w.company_id and m.id = w.id and m.state = 'stored'
""")
# In one order, so that two processes don't deadlock.
_LOCK = text("""
    select m.company_id, m.id from inbound_mails m
    join unnest(cast(:companies as int[]), cast(:ids as bigint[])) as w (company_id, id)
        on m.company_id = w.company_id and m.id = w.id
    where m.state = 'stored' order by m.company_id, m.id for update of m
""")
_CONCLUDE = text("""
    update inbound_mails m set state = r.state, reason = r.reason, kind = r.kind, message_id = r.message_id,
        content_key = decode(r.content_key, 'hex'), sender = r.sender, subject = r.subject,
        proven_ticket_id = r.proven_ticket_id, claimed_until = null, ended_at = clock_timestamp()
    from json_to_recordset(cast(:rows as json)) as r (
        company_id int, id bigint, state text, reason text, kind text, message_id text, content_key text, sender text,
        subject text, proven_ticket_id bigint
    )
    where m.company_id = r.company_id and m.id = r.id
""")
# Two copies at the same time take turns, so that the second one sees the first.
_TAKE_TURNS = text("""
    select pg_advisory_xact_lock(lock_key) from unnest(cast(:lock_keys as bigint[])) as k (lock_key) order by lock_key
""")
# Index: inbound_mails_once.
_FIRST = text("""
    select m.company_id, m.content_key, m.id from inbound_mails m
    join unnest(cast(:companies as int[]), cast(:content_keys as bytea[])) as w (company_id, content_key)
        on m.company_id = w.company_id and m.content_key = w.content_key
    where m.state = 'published'
""")
# Index: inbound_mails_automatic.
_AUTOMATIC = text("""
    select count(*) from inbound_mails
    where company_id = :company and sender = :sender and state = 'published' and kind = 'automatic'
        and ended_at > now() - interval '1 hour'
        and proven_ticket_id is not distinct from cast(:ticket as bigint)
""")


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
    received_at: datetime


@dataclass(frozen=True)
class Outcome:
    """The outcome of a mail: its state, and the fields that were read."""

    company_id: int
    id: int
    state: MailState
    reason: str = ""
    kind: MailKind | None = None
    message_id: str | None = None
    content_key: bytes | None = None
    sender: str | None = None
    subject: str | None = None
    proven_ticket_id: int | None = None


def waiting(session: Session, most: int) -> list[Waiting]:
    """Return up to `most` mails that nobody has read yet: of each company the oldest one, then its second one, …"""
    return [Waiting(row.company_id, row.mail_id, row.attempts) for row in session.execute(_WAITING, {"most": most})]


def claim(session: Session, found: Sequence[Waiting], most: int) -> list[Claim]:
    """Claim up to `most` of the mails for this process, in their order, as far as others don't have them."""
    values = {**_keys(found), "seconds": CLAIM_SECONDS, "most": most, "bytes": MAX_CLAIMED_BYTES}
    return [
        Claim(
            row.company_id, row.id, row.mailbox, row.recipient, bytes(row.content), bytes(row.sha256), row.attempts,
            row.is_retried, row.request_id, row.received_at,
        )
        for row in session.execute(_CLAIM, values)
    ]  # fmt: skip


def give_back(session: Session, claims: Sequence[Claim]) -> None:
    """End the claims of mails that were not read."""
    session.execute(_GIVE_BACK, _keys(claims))


def lock(session: Session, claims: Sequence[Claim]) -> list[Claim]:
    """Lock claimed mails and return them, without those that another process has concluded meanwhile."""
    found = {(row.company_id, row.id) for row in session.execute(_LOCK, _keys(claims))}
    return [each for each in claims if (each.company_id, each.id) in found]


def conclude(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Store the outcomes of locked mails."""
    rows = [{**vars(each), "content_key": each.content_key.hex() if each.content_key else None} for each in outcomes]
    session.execute(_CONCLUDE, {"rows": orjson.dumps(rows).decode()})


def first_with(session: Session, wanted: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], int]:
    """Return the published mails with the same contents, by company and content key.

    No other transaction publishes one of them before this one ends.
    """
    lock_keys = sorted({int.from_bytes(key[:8], signed=True) for _, key in wanted})
    session.execute(_TAKE_TURNS, {"lock_keys": lock_keys})
    values = {"companies": [each[0] for each in wanted], "content_keys": [each[1] for each in wanted]}
    return {(row.company_id, bytes(row.content_key)): row.id for row in session.execute(_FIRST, values)}


def automatic_lately(session: Session, company_id: int, sender: str, ticket_id: int | None) -> int:
    """Return how many automatic mails of an address that prove a ticket, or none, were published in an hour."""
    values = {"company": company_id, "sender": sender, "ticket": ticket_id}
    return int(session.execute(_AUTOMATIC, values).scalar_one())


def _keys(mails: Sequence[Waiting | Claim]) -> dict[str, list[int]]:
    return {"companies": [each.company_id for each in mails], "ids": [each.id for each in mails]}
