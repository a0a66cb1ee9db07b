"""Add, change and delete calendars."""

from collections.abc import Mapping
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from workflow_service.domain.calendars import CalendarInUse, CalendarNotFound, StoredCalendar, check_number
from workflow_service.store import calendars


def get_calendar(session: Session, company_id: int, calendar_id: int) -> StoredCalendar:
    """Return a calendar; raise CalendarNotFound."""
    found = calendars.find(session, company_id, calendar_id)
    if found is None:
        raise CalendarNotFound(calendar_id)
    return found


def add_calendar(
    session: Session, company_id: int, document: Mapping[str, Any], *, idempotency_key: IdempotencyKey[StoredCalendar]
) -> StoredCalendar:
    """Add a calendar; raise CalendarExists, TooManyCalendars, and Replayed for a repeated Idempotency-Key."""
    with session.begin():
        idempotency_key.claim(session)
        check_number(calendars.count(session, company_id))
        added = calendars.add(session, company_id, document)
        idempotency_key.store(session, added)
    return added


def change_calendar(
    session: Session,
    company_id: int,
    calendar_id: int,
    document: Mapping[str, Any],
    *,
    precondition: Precondition[StoredCalendar],
) -> StoredCalendar:
    """Store the next version of a calendar; running tasks keep theirs, and an equal one changes nothing.

    Raises CalendarNotFound, PreconditionFailed, CalendarExists.
    """
    with session.begin():
        before = _lock(session, company_id, calendar_id, precondition)
        return before if before.document == document else calendars.change(session, before, document)


def delete_calendar(
    session: Session, company_id: int, calendar_id: int, *, precondition: Precondition[StoredCalendar]
) -> None:
    """Delete a calendar; raise CalendarNotFound, PreconditionFailed, CalendarInUse."""
    with session.begin():
        calendar = _lock(session, company_id, calendar_id, precondition)
        if calendars.is_used(session, company_id, calendar_id):
            raise CalendarInUse("a workflow counts by this calendar; give it another one first")
        calendars.remove(session, calendar)


def _lock(
    session: Session, company_id: int, calendar_id: int, precondition: Precondition[StoredCalendar]
) -> StoredCalendar:
    found = calendars.lock(session, company_id, calendar_id)
    if found is None:
        raise CalendarNotFound(calendar_id)
    precondition.check(found)
    return found
