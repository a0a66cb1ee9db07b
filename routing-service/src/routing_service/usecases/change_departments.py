"""A company's admin adds, changes and deletes departments."""

from datetime import UTC, datetime

from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from routing_service.announcements import department_created, department_deleted, department_updated
from routing_service.domain.departments import (
    Department,
    DepartmentExists,
    DepartmentNotFound,
    check_deactivation,
    check_deletion,
    check_number,
)
from routing_service.store import departments, totals
from routing_service.usecases import meet_companies


def get_department(session: Session, company: int, name: str, cause: Cause) -> Department:
    """Return a department by its name; raise DepartmentNotFound."""
    found = departments.named(session, company, name)
    if found is None and not departments.count(session, company):
        session.rollback()
        meet_companies.list_departments(session, company, cause)
        found = departments.named(session, company, name)
    if found is None:
        raise DepartmentNotFound(f"there is no department {name!r}")
    return found


def add_department(
    session: Session,
    company: int,
    name: str,
    description: str,
    is_active: bool,
    *,
    cause: Cause,
    again: Once[Department],
) -> Department:
    """Enter and announce a department.

    Raises DepartmentExists, TooManyDepartments, and AnsweredBefore for a repeated Idempotency-Key.
    """
    with session.begin():
        again.claim(session)
        meet_companies.make_known(session, company, cause)
        check_number(departments.count(session, company))
        added = departments.add(session, company, name, description, is_active)
        if added is None:
            raise DepartmentExists(f"there is a department {name!r} already")
        outbox.add(session, department_created(added, cause))
        again.remember(session, added)
    return added


def change_department(
    session: Session, company: int, name: str, description: str | None, is_active: bool | None, cause: Cause
) -> Department:
    """Change and announce what was given of description and state; the same again changes nothing.

    Raises DepartmentNotFound, DepartmentIsFixed.
    """
    with session.begin():
        meet_companies.make_known(session, company, cause)
        before = _lock(session, company, name)
        if is_active is False:
            check_deactivation(name)
        wanted_description = before.description if description is None else description
        wanted_state = before.is_active if is_active is None else is_active
        if (wanted_description, wanted_state) == (before.description, before.is_active):
            return before
        after = departments.change(session, before, description=wanted_description, is_active=wanted_state)
        outbox.add(session, department_updated(after, cause))
    return after


def delete_department(session: Session, company: int, name: str, cause: Cause) -> None:
    """Delete and announce a department that no ticket is routed to.

    Raises DepartmentNotFound, DepartmentIsFixed, DepartmentInUse.
    """
    with session.begin():
        meet_companies.make_known(session, company, cause)
        department = _lock(session, company, name)
        # Whoever routes a ticket there holds the department until the count is stored, so this count is the last word.
        check_deletion(name, totals.tickets_in(session, company, name))
        departments.remove(session, department)
        outbox.add(session, department_deleted(department, datetime.now(UTC), cause))


def _lock(session: Session, company: int, name: str) -> Department:
    found = departments.lock(session, company, name)
    if found is None:
        raise DepartmentNotFound(f"there is no department {name!r}")
    return found
