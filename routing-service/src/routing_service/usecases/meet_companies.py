"""A company that is met for the first time gets the departments that everybody starts with."""

from collections.abc import Collection, Iterable
from uuid import uuid4

from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from routing_service.announcements import department_created
from routing_service.domain.departments import Department, Directory
from routing_service.store import departments


def directories(session: Session, companies: Iterable[int], cause: Cause) -> dict[int, Directory]:
    """Return where each company's tickets may be sent; seed and announce departments for companies never met.

    Runs in the caller's transaction and keeps the departments from being deleted until its end.
    """
    wanted = set(companies)
    found = departments.directories(session, wanted)
    # General can't be deleted, so a company without departments was never met.
    strangers = wanted - found.keys()
    if strangers:
        seed(session, strangers, cause)
        found |= departments.directories(session, strangers)
    return found


def make_known(session: Session, company: int, cause: Cause) -> None:
    """Make sure in the caller's transaction that a company has departments, without holding any.

    Who goes on to change one must not hold all of them before: two at once would wait for each other.
    """
    if not departments.count(session, company):
        seed(session, [company], cause)


def seed(session: Session, companies: Collection[int], cause: Cause) -> None:
    """Enter and announce the first departments of companies. Two at once: one enters, the other finds them."""
    made = departments.seed(session, companies)
    outbox.add_all(session, [department_created(department, cause) for department in made])


def list_departments(session: Session, company: int, cause: Cause) -> list[Department]:
    """Return a company's departments, the first ones if it is met only now."""
    with session.begin():
        found = departments.all_of(session, company)
        if not found:
            seed(session, [company], cause)
            found = departments.all_of(session, company)
    return found


def page_of_departments(session: Session, company: int, cause: Cause, *, after: int, limit: int) -> list[Department]:
    """Return a page of a company's departments, the first ones if it is met only now."""
    with session.begin():
        if not after:
            make_known(session, company, cause)
        return departments.page(session, company, after=after, limit=limit)


def meet_company(session: Session, company: int) -> None:
    """Make sure that a company has departments, before anything happens in it."""
    list_departments(session, company, Cause(request_id=uuid4().hex))
