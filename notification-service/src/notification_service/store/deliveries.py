"""Deliveries of notifications by mail: found over all companies, claimed one by one, and their tries."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from notification_service.domain.delivery import CLAIM_SECONDS, Next, Outcome, Recipient
from notification_service.domain.mail.threads import Proof
from notification_service.domain.preferences import preferences_of

_ADD = text("""
    insert into deliveries (
        company_id, notification_id, user_id, cause, channel, message_id, address, state, reason, next_try_at, ended_at
    )
    select company_id, notification_id, user_id, cause, 'email', message_id, address,
        case when suppressed = '' then 'queued' else 'suppressed' end, suppressed,
        case when suppressed = '' then next_try_at end, case when suppressed <> '' then now() end
    from jsonb_to_recordset(cast(:rows as jsonb)) as n (
        company_id int, notification_id bigint, user_id bigint, cause text, message_id text, next_try_at timestamptz,
        address text, suppressed text
    )
    on conflict (company_id, cause, user_id, channel) do nothing
""")
# Index: deliveries_due.
_DUE = text("select company_id, delivery_id from due_deliveries(:most)")
# Index: deliveries_claimed.
_CLAIMED = text("select company_id, delivery_id from claimed_deliveries(make_interval(secs => :seconds), :most)")
_KEYS = "(company_id, id) in (select * from unnest(cast(:companies as int[]), cast(:ids as bigint[])))"
# Nothing waits here: a locked delivery is another process's.
_LOCK = text(f"""
    select company_id, id, notification_id, user_id, message_id, tries, address from deliveries
    where {_KEYS} and state = 'queued' and next_try_at <= now()
    order by next_try_at limit 1 for update skip locked
""")
_DETAILS = text("""
    select n.kind, n.ticket_id, n.facts, n.read_at is not null as is_read, now() as now,
        u.email, u.role, u.is_active, u.email_confirmed, s.reason as suppressed, p.channels, p.quiet_hours, p.digest,
        coalesce(b.number, 0) as bounces,
        t.subject as template_subject, t.body as template_body, t.version as template_version
    from notifications n
    left join templates t on t.company_id = n.company_id and t.notification_type = n.kind and n.ticket_id is not null
    left join users u on u.company_id = n.company_id and u.user_id = n.user_id
    left join suppressed_addresses s on s.company_id = n.company_id
        and s.address = lower(coalesce(cast(:address as text), u.email))
    left join bounces b on b.company_id = n.company_id and b.user_id = n.user_id and b.address = lower(u.email)
    left join preferences p on p.company_id = n.company_id and p.user_id = n.user_id
    where n.company_id = :company and n.id = :notification
""")
_BEGIN = text("""
    with claimed as (
        update deliveries set state = 'sending', tries = tries + 1, claimed_at = now(), next_try_at = null,
            template_version = :template_version
        where company_id = :company and id = :id
        returning company_id, id, tries
    )
    insert into delivery_tries (company_id, delivery_id, number) select * from claimed
""")
# `tries` guards against the answer of an older try. An answer that comes after the delivery was given up as unknown
# says what has happened.
_MOVE = text("""
    update deliveries set state = :state, reason = :reason, next_try_at = :at, claimed_at = null,
        ended_at = case when :state in ('sent', 'failed', 'unknown', 'suppressed') then now() end
    where company_id = :company and id = :id and tries = :tries and state = any(:before)
""")
_END_TRY = text("""
    update delivery_tries set ended_at = now(), outcome = :outcome, reason = :reason
    where company_id = :company and delivery_id = :id and number = :tries
""")
# Index: notifications_of_ticket.
_SUPPRESS_COMMENTS = text("""
    update deliveries d
    set state = 'suppressed', reason = 'the comment was deleted', next_try_at = null, ended_at = now()
    from notifications n
    join unnest(cast(:companies as int[]), cast(:tickets as bigint[]), cast(:comments as text[]))
        as c (company_id, ticket_id, comment_id) on c.company_id = n.company_id and c.ticket_id = n.ticket_id
    where n.facts ->> 'comment_id' = c.comment_id and d.company_id = n.company_id and d.notification_id = n.id
        and d.state = 'queued'
""")
_GIVE_UP = text(f"""
    with lost as (
        update deliveries set state = 'unknown', reason = :reason, claimed_at = null, ended_at = now()
        where {_KEYS} and state = 'sending' and claimed_at < now() - make_interval(secs => :seconds)
        returning company_id, id, tries
    )
    update delivery_tries t set ended_at = now(), outcome = 'unknown', reason = :reason
    from lost where t.company_id = lost.company_id and t.delivery_id = lost.id and t.number = lost.tries
""")


@dataclass(frozen=True)
class NewDelivery:
    """A mail to queue."""

    company_id: int
    notification_id: int
    user_id: int
    cause: str
    message_id: str
    next_try_at: datetime
    address: str | None = None
    """Where the mail goes, None for the person's address."""
    suppressed: str = ""
    """Why the mail is stored and not sent, '' for one to send."""


@dataclass(frozen=True)
class Claim:
    """A locked delivery with what its mail needs; `tries` counts those of before."""

    company_id: int
    id: int
    user_id: int
    message_id: str
    tries: int
    kind: str
    ticket_id: int | None
    facts: Mapping[str, Any]
    is_read: bool
    now: datetime
    recipient: Recipient | None
    address: str | None
    """Where the mail goes, None for the person's address."""
    suppressed: str
    """Why nothing is sent to the address, '' where it takes mails."""
    template_subject: str | None
    template_body: str | None
    template_version: int | None


@dataclass(frozen=True)
class Bounced:
    """A delivery whose mail came back, and the address of its person."""

    id: int
    address: str


def add(session: Session, new: Sequence[NewDelivery]) -> None:
    """Queue mails, or store those that are suppressed; one that is there already stays as it is."""
    if new:
        session.execute(_ADD, {"rows": orjson.dumps([vars(each) for each in new]).decode()})


def proofs(session: Session, company_id: int, message_ids: Sequence[str]) -> dict[str, Proof]:
    """Return the ticket and the person of each mail about a ticket, by its Message-ID without brackets.

    Index: deliveries_by_message_id.
    """
    query = text("""
        select d.message_id, n.ticket_id, d.user_id, coalesce(n.facts -> 'internal' = 'true', false) as internal
        from deliveries d
        join notifications n on n.company_id = d.company_id and n.id = d.notification_id
        where d.company_id = :company and d.message_id = any(:ids) and n.ticket_id is not null
    """)
    rows = session.execute(query, {"company": company_id, "ids": [f"<{each}>" for each in message_ids]})
    return {row.message_id.strip("<>"): Proof(row.ticket_id, row.user_id, row.internal) for row in rows}


def bounce(session: Session, company_id: int, message_ids: Sequence[str], reason: str) -> list[Bounced]:
    """Mark the mails with these Message-IDs as bounced, and return them with their addresses.

    Index: deliveries_by_message_id.
    """
    statement = text("""
        update deliveries d set state = 'bounced', reason = :reason, ended_at = now()
        from deliveries m left join users u on u.company_id = m.company_id and u.user_id = m.user_id
        where d.company_id = :company and d.message_id = any(:ids) and d.state in ('sent', 'unknown')
            and m.company_id = d.company_id and m.id = d.id and coalesce(m.address, u.email) is not null
        returning d.id, lower(coalesce(m.address, u.email)) as address
    """)
    values = {"company": company_id, "ids": [f"<{each}>" for each in message_ids], "reason": reason}
    return [Bounced(row.id, row.address) for row in session.execute(statement, values)]


def due(session: Session, most: int) -> list[tuple[int, int]]:
    """Return up to `most` due deliveries of all companies, by company and id."""
    return [(row.company_id, row.delivery_id) for row in session.execute(_DUE, {"most": most})]


def lost(session: Session, most: int) -> list[tuple[int, int]]:
    """Return up to `most` deliveries of all companies whose sender has ended without an answer, by company and id."""
    rows = session.execute(_CLAIMED, {"seconds": CLAIM_SECONDS, "most": most})
    return [(row.company_id, row.delivery_id) for row in rows]


def lock_one(session: Session, found: Sequence[tuple[int, int]]) -> Claim | None:
    """Lock one of the deliveries that is still due and that nobody else has locked; None without one."""
    row = session.execute(_LOCK, _keys(found)).one_or_none()
    if row is None:
        return None
    values = {"company": row.company_id, "notification": row.notification_id, "address": row.address}
    more = session.execute(_DETAILS, values).one()
    recipient = None
    if more.email is not None:
        preferences = preferences_of(
            {"channels": more.channels, "quiet_hours": more.quiet_hours, "digest": more.digest}
        )
        recipient = Recipient(
            more.email, more.role, more.is_active, preferences, more.suppressed or "", more.bounces,
            more.email_confirmed,
        )  # fmt: skip
    return Claim(
        row.company_id, row.id, row.user_id, row.message_id, row.tries,
        more.kind, more.ticket_id, more.facts, more.is_read, more.now, recipient,
        row.address, more.suppressed or "",
        more.template_subject, more.template_body, more.template_version,
    )  # fmt: skip


def time(session: Session) -> datetime:
    """Return the database's time, which counts for all replicas."""
    now: datetime = session.execute(text("select now()")).scalar_one()
    return now


def begin(session: Session, claim: Claim) -> None:
    """Store that a locked delivery's next try has begun."""
    values = {"company": claim.company_id, "id": claim.id, "template_version": claim.template_version}
    session.execute(_BEGIN, values)


def move(session: Session, claim: Claim, then: Next, *, tries: int, before: Sequence[str]) -> bool:
    """Store a delivery's next state where it is in one of the states `before`; return whether it was."""
    values = {
        "company": claim.company_id,
        "id": claim.id,
        "state": then.state,
        "reason": then.reason,
        "at": then.at,
        "tries": tries,
        "before": list(before),
    }
    return bool(session.execute(_MOVE, values).rowcount)  # type: ignore[attr-defined]


def end_try(session: Session, claim: Claim, outcome: Outcome, *, tries: int) -> None:
    """Store the outcome of a try."""
    values = {"company": claim.company_id, "id": claim.id, "tries": tries}
    session.execute(_END_TRY, {**values, "outcome": outcome.result, "reason": outcome.reason})


def suppress_comments(session: Session, deleted: Sequence[tuple[int, int, int]]) -> None:
    """Suppress the queued mails about deleted comments, by company, ticket and comment."""
    if deleted:
        companies, tickets, comments = zip(*deleted, strict=True)
        values = {"companies": list(companies), "tickets": list(tickets), "comments": [str(each) for each in comments]}
        session.execute(_SUPPRESS_COMMENTS, values)


def give_up(session: Session, found: Sequence[tuple[int, int]]) -> None:
    """Mark deliveries as unknown whose sender has ended without an answer."""
    reason = "the sender ended before the answer; the mail may have been sent"
    session.execute(_GIVE_UP, {**_keys(found), "seconds": CLAIM_SECONDS, "reason": reason})


def page(
    session: Session, company_id: int, *, user_id: int | None, state: str | None, before: int, limit: int
) -> Sequence[Row[Any]]:
    """Return up to `limit` deliveries and their tries, the newest first, older than one; without a person all people's.

    Indexes: the primary key, deliveries_of_person.
    """
    conditions = ("" if user_id is None else " and d.user_id = :user") + (
        "" if state is None else " and d.state = :state"
    )
    query = text(f"""
        select d.id, d.notification_id, d.user_id, n.kind, n.ticket_id, d.channel, d.state, d.reason, d.next_try_at,
            d.created_at, d.ended_at, tries.shown as tries
        from deliveries d
        join notifications n on n.company_id = d.company_id and n.id = d.notification_id
        cross join lateral (
            select coalesce(jsonb_agg(jsonb_build_object(
                'number', t.number, 'began_at', t.began_at, 'ended_at', t.ended_at, 'outcome', t.outcome,
                'reason', t.reason
            ) order by t.number), '[]') as shown
            from delivery_tries t where t.company_id = d.company_id and t.delivery_id = d.id
        ) tries
        where d.company_id = :company and d.id < :before {conditions}
        order by d.id desc limit :limit
    """)
    values = {"company": company_id, "user": user_id, "state": state, "before": before, "limit": limit}
    used = {name: value for name, value in values.items() if f":{name}" in str(query)}
    return session.execute(query, used).all()


def _keys(found: Sequence[tuple[int, int]]) -> dict[str, list[int]]:
    return {"companies": [key[0] for key in found], "ids": [key[1] for key in found]}
