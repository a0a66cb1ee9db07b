"""Calendars of companies and their versions, which never change."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow_service.domain.calendar import Calendar
from workflow_service.domain.calendar_document import stored_calendar
from workflow_service.domain.calendars import CalendarExists, StoredCalendar
from workflow_service.store.version_cache import CALENDARS, Version, VersionCache

COLUMNS = "company_id, id, name, time_zone, weekly, exceptions, version, created_at, updated_at"
_CONTENT = "cast(:weekly as jsonb), cast(:exceptions as jsonb)"
_VERSIONS = text("""
    select company_id, calendar_id, version, time_zone, weekly, exceptions from calendar_versions
    where (company_id, calendar_id, version) in (
        select * from unnest(cast(:companies as int[]), cast(:ids as bigint[]), cast(:versions as int[]))
    )
""")


def find(session: Session, company_id: int, calendar_id: int) -> StoredCalendar | None:
    """Return a calendar, None without one."""
    query = text(f"select {COLUMNS} from calendars where company_id = :company and id = :id and not is_deleted")
    return _one(session.execute(query, {"company": company_id, "id": calendar_id}).one_or_none())


def lock(session: Session, company_id: int, calendar_id: int) -> StoredCalendar | None:
    """Lock a calendar until the transaction ends and return it; None without one."""
    query = text(
        f"select {COLUMNS} from calendars where company_id = :company and id = :id and not is_deleted for update"
    )
    return _one(session.execute(query, {"company": company_id, "id": calendar_id}).one_or_none())


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[StoredCalendar]:
    """Return up to `limit` calendars added after the calendar `after`, in order of addition."""
    query = text(
        f"select {COLUMNS} from calendars where company_id = :company and id > :after and not is_deleted"
        " order by id limit :limit"
    )
    rows = session.execute(query, {"company": company_id, "after": after, "limit": limit})
    return [StoredCalendar(**row._mapping) for row in rows]


def count(session: Session, company_id: int) -> int:
    """Return how many calendars a company has."""
    query = text("select count(*) from calendars where company_id = :company and not is_deleted")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def add(session: Session, company_id: int, document: Mapping[str, Any]) -> StoredCalendar:
    """Insert a calendar with its first version and return it; raise CalendarExists."""
    statement = text(
        f"insert into calendars (company_id, name, time_zone, weekly, exceptions)"
        f" values (:company, :name, :time_zone, {_CONTENT})"
        f" on conflict (company_id, lower(name)) where not is_deleted do nothing returning {COLUMNS}"
    )
    row = session.execute(statement, {"company": company_id, **_values(document)}).one_or_none()
    if row is None:
        raise CalendarExists(f"there is a calendar {document['name']!r} already")
    return _with_version(session, StoredCalendar(**row._mapping))


def change(session: Session, calendar: StoredCalendar, document: Mapping[str, Any]) -> StoredCalendar:
    """Store a locked calendar's next version and return the calendar; raise CalendarExists."""
    statement = text(
        f"update calendars set (name, time_zone, weekly, exceptions, version, updated_at)"
        f" = (:name, :time_zone, {_CONTENT}, version + 1, clock_timestamp())"
        f" where company_id = :company and id = :id returning {COLUMNS}"
    )
    values = {"company": calendar.company_id, "id": calendar.id, **_values(document)}
    try:
        row = session.execute(statement, values).one()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "calendars_name":
            raise CalendarExists(f"there is a calendar {document['name']!r} already") from None
        raise
    return _with_version(session, StoredCalendar(**row._mapping))


def remove(session: Session, calendar: StoredCalendar) -> None:
    """Hide a locked calendar; its versions stay for the tasks that count by them."""
    statement = text(
        "update calendars set is_deleted = true, updated_at = clock_timestamp()"
        " where company_id = :company and id = :id"
    )
    session.execute(statement, {"company": calendar.company_id, "id": calendar.id})


def longest_target(session: Session, company_id: int, calendar_id: int) -> int | None:
    """Return the longest target in seconds of the newest versions of workflows that count by the calendar."""
    query = text(
        "select max(v.low_sla_seconds) from workflows w join workflow_versions v on v.company_id = w.company_id"
        " and v.workflow_id = w.id and v.version = w.version"
        " where w.company_id = :company and v.calendar_id = :id"
    )
    found: int | None = session.execute(query, {"company": company_id, "id": calendar_id}).scalar_one()
    return found


def lock_shared(session: Session, company_id: int, calendar_id: int) -> StoredCalendar | None:
    """Keep a calendar as it is until the transaction ends and return it; None without one."""
    query = text(
        f"select {COLUMNS} from calendars where company_id = :company and id = :id and not is_deleted for share"
    )
    return _one(session.execute(query, {"company": company_id, "id": calendar_id}).one_or_none())


def newest(session: Session, keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the present versions of calendars, by company and calendar."""
    if not keys:
        return {}
    query = text(
        "select company_id, id, version from calendars"
        " where (company_id, id) in (select * from unnest(cast(:companies as int[]), cast(:ids as bigint[])))"
    )
    values = {"companies": [key[0] for key in keys], "ids": [key[1] for key in keys]}
    return {(row.company_id, row.id): row.version for row in session.execute(query, values)}


def versions(session: Session, keys: Collection[Version]) -> dict[Version, Calendar]:
    """Return versions of calendars."""

    def read(missing: Collection[Version]) -> dict[Version, Calendar]:
        names = ("companies", "ids", "versions")
        values = dict(zip(names, map(list, zip(*sorted(missing), strict=True)), strict=True))
        return {
            (row.company_id, row.calendar_id, row.version): stored_calendar(dict(row._mapping))
            for row in session.execute(_VERSIONS, values)
        }

    known: VersionCache[Calendar] = session.info[CALENDARS]
    return known.find(session, keys, read)


def _with_version(session: Session, calendar: StoredCalendar) -> StoredCalendar:
    statement = text(
        "insert into calendar_versions (company_id, calendar_id, version, time_zone, weekly, exceptions)"
        f" values (:company, :id, :version, :time_zone, {_CONTENT})"
    )
    key = {"company": calendar.company_id, "id": calendar.id, "version": calendar.version}
    session.execute(statement, key | _values(calendar.document))
    return calendar


def _values(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": document["name"],
        "time_zone": document["time_zone"],
        "weekly": orjson.dumps(document["weekly"]).decode(),
        "exceptions": orjson.dumps(document["exceptions"]).decode(),
    }


def _one(row: Row[Any] | None) -> StoredCalendar | None:
    return None if row is None else StoredCalendar(**row._mapping)
