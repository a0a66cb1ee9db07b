"""A company is met, shown and changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from auth_service.announcements import company_created, company_updated
from auth_service.domain.company import Company, CompanyNotFound, first_name
from auth_service.store import companies


def get_company(session: Session, company: int, cause: Cause) -> Company:
    """Return the caller's company; one never met before is entered and announced."""
    with session.begin():
        return companies.find(session, company) or hold(session, company, cause)


def change_company(session: Session, company: int, change: Mapping[str, Any], cause: Cause) -> Company:
    """Change and announce what was given; the same again changes nothing."""
    with session.begin():
        before = hold(session, company, cause)
        after = replace(before, **change)
        if after == before:
            return before
        after = companies.change(session, after)
        outbox.add(session, company_updated(after, cause))
    return after


def meet_company(session: Session, company: int) -> None:
    """Make sure that a company is entered and announced, before anything happens in it."""
    get_company(session, company, Cause(request_id=uuid4().hex))


def hold(session: Session, company: int, cause: Cause) -> Company:
    """Return a company and keep everybody else from changing it or its teams, in the caller's transaction.

    One never met before is entered and announced. Two at once: one enters it, the other finds it.
    """
    found = companies.lock(session, company)
    if found is None and (found := companies.add(session, company, first_name(company))):
        outbox.add(session, company_created(found, cause))
    found = found or companies.lock(session, company)
    assert found is not None
    return found


def expect_own(company: int, wanted: int) -> None:
    """Raise CompanyNotFound for everybody else's company: whether it exists is not told."""
    if wanted != company:
        raise CompanyNotFound(f"there is no company {wanted}")
