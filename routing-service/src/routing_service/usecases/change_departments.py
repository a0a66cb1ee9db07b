"""Add, change and delete departments."""

from datetime import UTC, datetime

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from routing_service.domain.departments import (
    Department,
    DepartmentExists,
    DepartmentNotFound,
    check_deactivation,
    check_deletion,
    check_number,
)
from routing_service.events import department_created, department_deleted, department_updated
from routing_service.store import departments, totals
from routing_service.usecases import seed_departments


def get_department(session: Session, company_id: int, name: str, cause: Cause) -> Department:
    """Return a department by its name; raise DepartmentNotFound."""
    found = departments.named(session, company_id, name)
    if found is None and not departments.count(session, company_id):
        session.rollback()
        seed_departments.list_departments(session, company_id, cause)
        found = departments.named(session, company_id, name)
    if found is None:
        raise DepartmentNotFound(f"there is no department {name!r}")
    return found


def add_department(
    session: Session,
    company_id: int,
    name: str,
    description: str,
    is_active: bool,
    *,
    cause: Cause,
    idempotency_key: IdempotencyKey[Department],
) -> Department:
    """Add a department and publish `department.created`.

    Raises DepartmentExists, TooManyDepartments, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        seed_departments.ensure_seeded(session, company_id, cause)
        check_number(departments.count(session, company_id))
        added = departments.add(session, company_id, name, description, is_active)
        if added is None:
            raise DepartmentExists(f"there is a department {name!r} already")
        outbox.add(session, department_created(added, cause))
        idempotency_key.store(session, added)
    return added


def change_department(
    session: Session,
    company_id: int,
    name: str,
    *,
    description: str | None,
    is_active: bool | None,
    precondition: Precondition[Department],
    cause: Cause,
) -> Department:
    """Change a department's description or state and publish `department.updated`; equal values change nothing.

    Raises DepartmentNotFound, PreconditionFailed, DepartmentIsFixed.
    """
    with session.begin():
        seed_departments.ensure_seeded(session, company_id, cause)
        before = _lock(session, company_id, name)
        precondition.check(before)
        if is_active is False:
            check_deactivation(name)
        wanted_description = before.description if description is None else description
        wanted_state = before.is_active if is_active is None else is_active
        if (wanted_description, wanted_state) == (before.description, before.is_active):
            return before
        after = departments.change(session, before, description=wanted_description, is_active=wanted_state)
        outbox.add(session, department_updated(after, cause))
    return after


def delete_department(
    session: Session, company_id: int, name: str, *, precondition: Precondition[Department], cause: Cause
) -> None:
    """Delete a department without tickets and publish `department.deleted`.

    Raises DepartmentNotFound, PreconditionFailed, DepartmentIsFixed, DepartmentInUse.
    """
    with session.begin():
        seed_departments.ensure_seeded(session, company_id, cause)
        department = _lock(session, company_id, name)
        precondition.check(department)
        # A transaction that routes a ticket there locks the department until its count is stored: this count is final.
        check_deletion(name, totals.tickets_in(session, company_id, name))
        departments.remove(session, department)
        outbox.add(session, department_deleted(department, datetime.now(UTC), cause))


def _lock(session: Session, company_id: int, name: str) -> Department:
    found = departments.lock(session, company_id, name)
    if found is None:
        raise DepartmentNotFound(f"there is no department {name!r}")
    return found
