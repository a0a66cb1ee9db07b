"""Deliveries of webhooks: queued in order per ticket, listed, sent again, removed."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

MAX_ROWS_PER_DELETE = 500
_QUEUE = text("""
    insert into webhook_deliveries (company_id, webhook_id, message_id, event, ticket_id, body)
    select company_id, webhook_id, message_id, event, ticket_id, body
    from jsonb_to_recordset(cast(:rows as jsonb)) as n (
        position int, company_id int, webhook_id bigint, message_id text, event text, ticket_id bigint, body text
    )
    order by position
    on conflict (company_id, webhook_id, message_id) do nothing
""")
# The oldest delivery about a ticket is the next one, unless another is on its way. Index:
# webhook_deliveries_outstanding.
_PROMOTE = text("""
    update webhook_deliveries d set state = 'pending', next_try_at = now()
    from (
        select w.company_id, min(w.id) as id
        from webhook_deliveries w
        join unnest(cast(:webhooks as bigint[]), cast(:tickets as bigint[])) as k (webhook, ticket)
            on w.webhook_id = k.webhook and w.ticket_id = k.ticket
        where w.company_id = :company and w.state = 'waiting' and not exists (
            select from webhook_deliveries o
            where o.company_id = w.company_id and o.webhook_id = w.webhook_id and o.ticket_id = w.ticket_id
                and o.state in ('pending', 'sending')
        )
        group by w.company_id, w.webhook_id, w.ticket_id
    ) as next
    where d.company_id = next.company_id and d.id = next.id
""")
_PING = text("""
    insert into webhook_deliveries (company_id, webhook_id, message_id, event, body, state, next_try_at)
    values (:company, :webhook, :message_id, :event, :body, 'pending', now()) returning id
""")
# One that waits for its ticket's turn keeps its place: its number is the oldest.
_REPLAY = text("""
    update webhook_deliveries set step = 0, ended_at = null, reason = '',
        state = case when ticket_id is null then 'pending' else 'waiting' end,
        next_try_at = case when ticket_id is null then now() end
    where company_id = :company and id = :id
""")
_WAKE = text("""
    update webhook_deliveries set next_try_at = now()
    where company_id = :company and webhook_id = :webhook and state = 'pending' and next_try_at > now()
""")
# Index: webhook_deliveries_by_age.
_REMOVE_OLD = text("""
    delete from webhook_deliveries where company_id = :company and id in (
        select id from webhook_deliveries
        where company_id = :company and created_at < :before and state in ('delivered', 'failed')
        order by created_at limit :rows
    )
""")


@dataclass(frozen=True)
class NewMessage:
    """A message to a webhook about a ticket."""

    company_id: int
    webhook_id: int
    message_id: str
    event: str
    ticket_id: int
    body: str


class Backlog(NamedTuple):
    """The messages that have not ended; `oldest_seconds` is the age of the oldest one, 0 without any."""

    number: int
    oldest_seconds: float


def queue(session: Session, new: Sequence[NewMessage]) -> None:
    """Queue messages in their order; one that is there already stays as it is. Their companies are locked."""
    if not new:
        return
    rows = [{"position": position, **vars(each)} for position, each in enumerate(new)]
    session.execute(_QUEUE, {"rows": orjson.dumps(rows).decode()})
    tickets: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
    for each in new:
        tickets[each.company_id].add((each.webhook_id, each.ticket_id))
    for company_id, keys in tickets.items():
        promote(session, company_id, sorted(keys))


def promote(session: Session, company_id: int, keys: Sequence[tuple[int, int]]) -> None:
    """Make the next delivery pending for each webhook and ticket that has none under way; the company is locked."""
    values = {"webhooks": [key[0] for key in keys], "tickets": [key[1] for key in keys]}
    session.execute(_PROMOTE, {**values, "company": company_id})


def add_ping(session: Session, company_id: int, webhook_id: int, message_id: str, event: str, body: str) -> int:
    """Queue a message about no ticket and return the delivery's number."""
    values = {"company": company_id, "webhook": webhook_id, "message_id": message_id, "event": event, "body": body}
    return int(session.execute(_PING, values).scalar_one())


def replay(session: Session, company_id: int, delivery_id: int) -> None:
    """Queue a delivery that has ended once more; the company is locked."""
    session.execute(_REPLAY, {"company": company_id, "id": delivery_id})


def wake(session: Session, company_id: int, webhook_id: int) -> None:
    """Make everything due that a webhook's failures have postponed; the company is locked."""
    session.execute(_WAKE, {"company": company_id, "webhook": webhook_id})


def remove_old(session: Session, company_id: int, before: datetime) -> int:
    """Delete some deliveries that have ended and were queued before a time; return how many."""
    values = {"company": company_id, "before": before, "rows": MAX_ROWS_PER_DELETE}
    return int(session.execute(_REMOVE_OLD, values).rowcount)  # type: ignore[attr-defined]


def backlog(session: Session) -> Backlog:
    """Return what waits for the active webhooks of all companies."""
    return Backlog(*session.execute(text("select number, oldest_seconds from webhook_backlog()")).one())


def lock(session: Session, company_id: int, delivery_id: int, webhook_id: int | None = None) -> Row[Any] | None:
    """Lock a delivery, of one webhook where it is named, and return it; None without one."""
    condition = "" if webhook_id is None else " and webhook_id = :webhook"
    query = text(
        "select id, webhook_id, ticket_id, state from webhook_deliveries"
        f" where company_id = :company and id = :id{condition} for update"
    )
    values = {"company": company_id, "id": delivery_id} | ({} if webhook_id is None else {"webhook": webhook_id})
    return session.execute(query, values).one_or_none()


def page(
    session: Session, company_id: int, *, webhook_id: int | None, state: str | None, before: int, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` deliveries and their tries, the newest first, older than one.

    Indexes: the primary key, webhook_deliveries_of_webhook.
    """
    wanted = {"webhook_id": webhook_id, "state": state}
    given = {name: value for name, value in wanted.items() if value is not None}
    conditions = "".join(f" and d.{name} = :{name}" for name in given)
    query = text(f"""
        select d.id, d.webhook_id, d.message_id, d.event, d.ticket_id, d.state, d.reason, d.next_try_at, d.created_at,
            d.ended_at, tries.shown as tries
        from webhook_deliveries d
        cross join lateral (
            select coalesce(jsonb_agg(jsonb_build_object(
                'number', t.number, 'began_at', t.began_at, 'ended_at', t.ended_at, 'status', t.status,
                'milliseconds', t.milliseconds, 'reason', t.reason, 'answer', t.answer
            ) order by t.number), '[]') as shown
            from webhook_tries t where t.company_id = d.company_id and t.delivery_id = d.id
        ) tries
        where d.company_id = :company and d.id < :before {conditions}
        order by d.id desc limit :limit
    """)
    rows = session.execute(query, {**given, "company": company_id, "before": before, "limit": limit})
    return [dict(row._mapping) for row in rows]
