"""Notifications of people."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from service_kit.database.locked_rows import Key
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from notification_service.domain.notification import AddedNotification, NewNotification, Notification

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
    by_key = {(each.company_id, each.cause, each.user_id, each.kind): each for each in new}
    rows = session.execute(_ADD, {"rows": orjson.dumps([vars(each) for each in new]).decode()})
    return [
        AddedNotification(by_key[row.company_id, row.cause, row.user_id, row.kind], row.id, row.created_at)
        for row in rows
    ]


def sent_lately(session: Session, company_id: int, sender: str, seconds: int) -> int:
    """Return how many notifications a sender has sent in the last seconds. Index: notifications_of_sender."""
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
