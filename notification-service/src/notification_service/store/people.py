"""The replica of auth-service's people."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from service_kit.database.statements import Prepared, run
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from notification_service.domain.people import ADMIN, MANAGER, People, Person

# A share lock: who is deleted meanwhile is deleted after this transaction, together with what it stores. In one order,
# so that two batches don't deadlock. Indexes: the primary key, users_by_address, users_by_role.
_FIND = Prepared(
    "find_people",
    """
    select u.company_id, u.user_id, u.email, u.role, u.email_confirmed
    from users u
    where u.company_id = :company and u.is_active and (
        u.user_id = any(:ids)
        or lower(u.email) = any(:addresses)
        or (:with_managers and u.role = any(:managers))
    )
    order by u.user_id
    for share
    """,
    {"company": "int", "ids": "bigint[]", "addresses": "text[]", "with_managers": "boolean", "managers": "text[]"},
)
_FORGET = text("""
    with gone as (
        select u.company_id, u.user_id, lower(u.email) as address from users u
        join unnest(cast(:companies as int[]), cast(:users as bigint[])) as w (company_id, id)
            on u.company_id = w.company_id and u.user_id = w.id
        where not u.is_active
    ), notified as (
        delete from notifications n using gone where n.company_id = gone.company_id and n.user_id = gone.user_id
    ), refused as (
        delete from bounces b using gone where b.company_id = gone.company_id and b.user_id = gone.user_id
    ), suppressed as (
        delete from suppressed_addresses s using gone where s.company_id = gone.company_id and s.address = gone.address
    ), preferred as (
        delete from preferences p using gone where p.company_id = gone.company_id and p.user_id = gone.user_id
    )
    update users u set email = '' from gone where u.company_id = gone.company_id and u.user_id = gone.user_id
""")
_CONFIRM = text("""
    update users u set email_confirmed = true
    from unnest(cast(:companies as int[]), cast(:users as bigint[]), cast(:revisions as int[]))
        as w (company_id, id, revision)
    where u.company_id = w.company_id and u.user_id = w.id and u.revision = w.revision and not u.email_confirmed
""")
_PREFERENCES = text("""
    select user_id, channels, quiet_hours, digest from preferences where company_id = :company and user_id = any(:ids)
""")


@dataclass
class Named:
    """The people whom events of one company name."""

    ids: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    with_managers: bool = False


def find(session: Session, named: Mapping[int, Named]) -> dict[int, People]:
    """Return the active people whom events name, by company, and keep them from being deleted meanwhile."""
    found: defaultdict[int, People] = defaultdict(People)
    for company_id in sorted(named):
        each = named[company_id]
        if not (each.ids or each.addresses or each.with_managers):
            continue
        values = {
            "company": company_id,
            "ids": sorted(each.ids),
            "addresses": sorted(each.addresses),
            "with_managers": each.with_managers,
            "managers": [MANAGER, ADMIN],
        }
        for row in run(session, [_FIND], values):
            found[company_id].add(Person(row.user_id, row.email, row.role, row.email_confirmed))
    return found


def documents(session: Session, company_id: int, user_ids: Collection[int]) -> dict[int, dict[str, object]]:
    """Return the stored preferences of people."""
    rows = session.execute(_PREFERENCES, {"company": company_id, "ids": sorted(user_ids)})
    return {row.user_id: _document(row) for row in rows}


def document(session: Session, company_id: int, user_id: int) -> dict[str, object] | None:
    """Return the stored preferences of a person, None where there are none."""
    return documents(session, company_id, [user_id]).get(user_id)


def lock_document(session: Session, company_id: int, user_id: int) -> dict[str, object]:
    """Lock a person's preferences until the transaction ends and return them; missing ones are inserted, empty."""
    statement = text("""
        insert into preferences as p (company_id, user_id) values (:company, :user)
        on conflict (company_id, user_id) do update set channels = p.channels
        returning channels, quiet_hours, digest
    """)
    row = session.execute(statement, {"company": company_id, "user": user_id}).one()
    return _document(row)


def save_document(
    session: Session, company_id: int, user_id: int, stored: Mapping[str, object], digest_at: datetime | None
) -> None:
    """Store a person's locked preferences, and when the next digest is due.

    A digest that is switched on begins with what comes from now on.
    """
    # Index: notifications_of_person.
    statement = text("""
        update preferences p set channels = cast(:channels as jsonb), quiet_hours = cast(:quiet_hours as jsonb),
            digest = cast(:digest as jsonb), digest_at = :digest_at,
            digest_after = case when p.digest is not null then p.digest_after else coalesce((
                select max(n.id) from notifications n where n.company_id = p.company_id and n.user_id = p.user_id
            ), 0) end
        where company_id = :company and user_id = :user
    """)
    values = {
        "company": company_id,
        "user": user_id,
        "channels": orjson.dumps(stored["channels"]).decode(),
        "quiet_hours": _json(stored["quiet_hours"]),
        "digest": _json(stored["digest"]),
        "digest_at": digest_at,
    }
    session.execute(statement, values)


def _document(row: Row[Any]) -> dict[str, object]:
    return {"channels": row.channels, "quiet_hours": row.quiet_hours, "digest": row.digest}


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def confirm(session: Session, keys: Sequence[tuple[int, int, int]]) -> None:
    """Store that people have proved their addresses, by company, id and the revision that is stored of them.

    An announcement that repeats a revision may be the first one that says so.
    """
    if keys:
        companies, users, revisions = zip(*keys, strict=True)
        values = {"companies": list(companies), "users": list(users), "revisions": list(revisions)}
        session.execute(_CONFIRM, values)


def forget(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Remove what deleted people leave, by company and id: addresses, notifications, preferences."""
    if keys:
        session.execute(_FORGET, {"companies": [key[0] for key in keys], "users": [key[1] for key in keys]})
