"""Add, change and delete calendars."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from workflow_service.domain.calendar_document import BadCalendar, stored_calendar
from workflow_service.domain.calendars import CalendarInUse, CalendarNotFound, StoredCalendar, check_number
from workflow_service.domain.duration import format_duration
from workflow_service.domain.targets import longest_target
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

    Raises CalendarNotFound, PreconditionFailed, CalendarExists, and BadCalendar where a workflow's target would take
    too long by it.
    """
    with session.begin():
        before = _lock(session, company_id, calendar_id, precondition)
        if before.document == document:
            return before
        _check_targets(session, company_id, calendar_id, document)
        return calendars.change(session, before, document)


def delete_calendar(
    session: Session, company_id: int, calendar_id: int, *, precondition: Precondition[StoredCalendar]
) -> None:
    """Delete a calendar; raise CalendarNotFound, PreconditionFailed, CalendarInUse."""
    with session.begin():
        calendar = _lock(session, company_id, calendar_id, precondition)
        if calendars.longest_target(session, company_id, calendar_id) is not None:
            raise CalendarInUse("a workflow counts by this calendar; give it another one first")
        calendars.remove(session, calendar)


def _check_targets(session: Session, company_id: int, calendar_id: int, document: Mapping[str, Any]) -> None:
    """Raise BadCalendar where a target of a workflow that counts by the calendar would take more than five years."""
    seconds = calendars.longest_target(session, company_id, calendar_id)
    if seconds is not None and seconds > longest_target(stored_calendar(document), datetime.now(UTC)).total_seconds():
        target = format_duration(timedelta(seconds=seconds))
        message = f"A workflow that counts by it has the target {target}, which would take more than five years."
        raise BadCalendar([{"field": "weekly", "message": message}])


def _lock(
    session: Session, company_id: int, calendar_id: int, precondition: Precondition[StoredCalendar]
) -> StoredCalendar:
    found = calendars.lock(session, company_id, calendar_id)
    if found is None:
        raise CalendarNotFound(calendar_id)
    precondition.check(found)
    return found
