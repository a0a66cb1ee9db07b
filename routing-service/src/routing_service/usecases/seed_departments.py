"""Give a new company the departments that every company starts with."""

from collections.abc import Collection, Iterable
from uuid import uuid4

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from routing_service.domain.departments import Department, Directory
from routing_service.events import department_created
from routing_service.store import departments


def directories(session: Session, company_ids: Iterable[int], cause: Cause) -> dict[int, Directory]:
    """Return each company's directory of departments and teams; seed the departments of new companies.

    Runs in the caller's transaction and locks the departments against deletion until its end.
    """
    wanted = set(company_ids)
    found = departments.directories(session, wanted)
    # General can't be deleted, so a company without departments is new.
    new_tenants = wanted - found.keys()
    if new_tenants:
        seed(session, new_tenants, cause)
        found |= departments.directories(session, new_tenants)
    return found


def ensure_seeded(session: Session, company_id: int, cause: Cause) -> None:
    """Seed a new company's departments in the caller's transaction, without locking any.

    Two transactions that lock all departments and then change one would deadlock.
    """
    if not departments.count(session, company_id):
        seed(session, [company_id], cause)


def seed(session: Session, company_ids: Collection[int], cause: Cause) -> None:
    """Insert and publish the seeded departments; of two concurrent calls only one inserts each."""
    made = departments.seed(session, company_ids)
    outbox.add_all(session, [department_created(department, cause) for department in made])


def list_departments(session: Session, company_id: int, cause: Cause) -> list[Department]:
    """Return a company's departments, seeded if the company is new."""
    with session.begin():
        found = departments.all_of(session, company_id)
        if not found:
            seed(session, [company_id], cause)
            found = departments.all_of(session, company_id)
    return found


def page_of_departments(session: Session, company_id: int, cause: Cause, *, after: int, limit: int) -> list[Department]:
    """Return a page of a company's departments, seeded if the company is new."""
    with session.begin():
        if not after:
            ensure_seeded(session, company_id, cause)
        return departments.page(session, company_id, after=after, limit=limit)


def seed_company(session: Session, company_id: int) -> None:
    """Seed a company's departments before its first event or request."""
    list_departments(session, company_id, Cause(request_id=uuid4().hex))
