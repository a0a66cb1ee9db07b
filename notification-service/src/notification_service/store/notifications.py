"""Notifications of people."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
from projection_kit.locked_rows import Key
from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from notification_service.domain.notification import AddedNotification, NewNotification, Notification
from notification_service.domain.storm import Key as StormKey
from notification_service.domain.storm import StormLimit

MAX_UNREAD_COUNT = 1000
"""Unread notifications are counted up to here."""
MAX_ROWS_PER_DELETE = 1000

_ADD = text("""
    insert into notifications (company_id, user_id, kind, cause, ticket_id, is_shown, facts, sender)
    select company_id, user_id, kind, cause, ticket_id, is_shown, facts, sender
    from jsonb_to_recordset(cast(:rows as jsonb)) as n (
        company_id int, user_id bigint, kind text, cause text, ticket_id bigint, is_shown boolean, facts jsonb,
        sender text
    )
    on conflict (company_id, cause, user_id, kind) do nothing
    returning id, company_id, cause, user_id, kind, created_at
""")
# What comes beside it is unread again.
_ADD_COUNTS = text("""
    insert into notifications as n (company_id, user_id, kind, cause, is_shown, facts)
    select company_id, user_id, kind, cause, is_shown, facts
    from jsonb_to_recordset(cast(:rows as jsonb)) as n (
        company_id int, user_id bigint, kind text, cause text, is_shown boolean, facts jsonb
    )
    order by company_id, cause, user_id, kind
    on conflict (company_id, cause, user_id, kind) do update
        set facts = jsonb_build_object('count', (n.facts ->> 'count')::int + (excluded.facts ->> 'count')::int),
            is_shown = n.is_shown or excluded.is_shown, read_at = null
    returning id, company_id, cause, user_id, kind, created_at
""")
# Index: notifications_of_kind. As many of each as are counted at most, so that a storm of thousands costs no more.
_LATELY = text("""
    select w.company_id, w.user_id, w.kind, (
        select count(*) from (
            select from notifications n
            where n.company_id = w.company_id and n.user_id = w.user_id and n.kind = w.kind
                and n.ticket_id is not null and n.created_at > now() - make_interval(secs => :seconds)
            limit :most
        ) counted
    ) as number
    from unnest(cast(:companies as int[]), cast(:users as bigint[]), cast(:kinds as text[]))
        as w (company_id, user_id, kind)
""")
_COLUMNS = "id, kind, ticket_id, facts, read_at is not null as is_read, created_at"
# Index: notifications_unread.
_UNREAD = text("""
    select count(*) from (
        select from notifications where company_id = :company and user_id = :user and is_shown and read_at is null
        limit :most
    ) as counted
""")
# Index: notifications_unread. What came after the notification `up_to` stays unread.
_READ_ALL = text("""
    update notifications set read_at = now()
    where company_id = :company and user_id = :user and is_shown and read_at is null and id <= :up_to
""")
_REMOVE_OF_TICKETS = text("""
    delete from notifications n
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as w (company_id, id)
    where n.company_id = w.company_id and n.ticket_id = w.id
""")
# Index: notifications_by_age.
_REMOVE_OLD = text("""
    delete from notifications where company_id = :company and id in (
        select id from notifications where company_id = :company and created_at < :before
        order by created_at limit :rows
    )
""")


def add(session: Session, new: Sequence[NewNotification]) -> list[AddedNotification]:
    """Store notifications and return those that were not there before; the others stay as they are."""
    if not new:
        return []
    return _insert(session, _ADD, new)


def add_counts(session: Session, new: Sequence[NewNotification]) -> list[AddedNotification]:
    """Store notifications with a count and return them; one that was there before counts that many more."""
    return _insert(session, _ADD_COUNTS, new) if new else []


def lately(session: Session, keys: Collection[StormKey], limit: StormLimit) -> dict[StormKey, int]:
    """Return how many notifications about tickets people got lately, by person and kind, up to the limit."""
    companies, users, kinds = zip(*sorted(keys), strict=True)
    values = {"companies": list(companies), "users": list(users), "kinds": list(kinds)}
    rows = session.execute(_LATELY, {**values, "seconds": limit.seconds, "most": limit.most})
    return {(row.company_id, row.user_id, row.kind): row.number for row in rows}


def _insert(session: Session, statement: TextClause, new: Sequence[NewNotification]) -> list[AddedNotification]:
    by_key = {(each.company_id, each.cause, each.user_id, each.kind): each for each in new}
    rows = session.execute(statement, {"rows": orjson.dumps([vars(each) for each in new]).decode()})
    return [
        AddedNotification(by_key[row.company_id, row.cause, row.user_id, row.kind], row.id, row.created_at)
        for row in rows
    ]


def sent_lately(session: Session, company_id: int, sender: str, seconds: int) -> int:
    """Return how many notifications a sender has sent in the last seconds, and let nobody count before the commit.

    Index: notifications_of_sender.
    """
    # A statement of its own: the next one's snapshot shows what the holder of the lock before has stored.
    lock = text("select pg_advisory_xact_lock(hashtext('sends:' || current_schema() || ':' || :sender), :company)")
    session.execute(lock, {"company": company_id, "sender": sender})
    query = text(
        "select count(*) from notifications where company_id = :company and sender = :sender"
        " and created_at > now() - make_interval(secs => :seconds)"
    )
    return int(session.execute(query, {"company": company_id, "sender": sender, "seconds": seconds}).scalar_one())


def page(
    session: Session, company_id: int, user_id: int, *, is_read: bool | None, before: int, limit: int
) -> list[Notification]:
    """Return up to `limit` notifications of a person that the app shows, the newest first, older than one.

    Indexes: notifications_of_person, notifications_unread.
    """
    state = {None: "", True: "and read_at is not null", False: "and read_at is null"}[is_read]
    query = text(
        f"select {_COLUMNS} from notifications"
        f" where company_id = :company and user_id = :user and is_shown and id < :before {state}"
        " order by id desc limit :limit"
    )
    values = {"company": company_id, "user": user_id, "before": before, "limit": limit}
    return [_from_row(row) for row in session.execute(query, values)]


def unread_count(session: Session, company_id: int, user_id: int) -> int:
    """Return how many notifications a person has not read, up to MAX_UNREAD_COUNT."""
    values = {"company": company_id, "user": user_id, "most": MAX_UNREAD_COUNT}
    return int(session.execute(_UNREAD, values).scalar_one())


def mark(
    session: Session, company_id: int, user_id: int, notification_id: int, *, is_read: bool
) -> Notification | None:
    """Mark a person's notification as read or unread and return it; None without one."""
    # One that is read keeps the time at which it was read.
    statement = text(
        "update notifications set read_at = case when :is_read then coalesce(read_at, now()) end"
        " where company_id = :company and user_id = :user and id = :id and is_shown"
        f" returning {_COLUMNS}"
    )
    values = {"company": company_id, "user": user_id, "id": notification_id, "is_read": is_read}
    row = session.execute(statement, values).one_or_none()
    return None if row is None else _from_row(row)


def mark_all(session: Session, company_id: int, user_id: int, *, up_to: int) -> None:
    """Mark a person's notifications as read, up to one of them."""
    session.execute(_READ_ALL, {"company": company_id, "user": user_id, "up_to": up_to})


def remove_of_tickets(session: Session, keys: Sequence[Key]) -> None:
    """Remove the notifications about tickets. Index: notifications_of_ticket."""
    if keys:
        values = {"companies": [key[0] for key in keys], "tickets": [key[1] for key in keys]}
        session.execute(_REMOVE_OF_TICKETS, values)


def remove_old(session: Session, company_id: int, before: datetime) -> int:
    """Remove up to MAX_ROWS_PER_DELETE notifications of before a time; return their number."""
    values = {"company": company_id, "before": before, "rows": MAX_ROWS_PER_DELETE}
    return int(session.execute(_REMOVE_OLD, values).rowcount)  # type: ignore[attr-defined]


def _from_row(row: Row[Any]) -> Notification:
    return Notification(row.id, row.kind, row.ticket_id, row.facts, row.is_read, row.created_at)
