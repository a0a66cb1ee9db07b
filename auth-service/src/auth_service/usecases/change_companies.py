"""Register, show and change companies."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from company_kit import deletions
from eventbus.publish import outbox
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.company import Company, CompanyNotFound, default_name
from auth_service.events import company_created, company_updated
from auth_service.store import companies


def get_company(session: Session, company_id: int, cause: Cause) -> Company:
    """Return the caller's company; register and publish it if it is new."""
    with session.begin():
        return companies.find(session, company_id) or lock_company(session, company_id, cause)


def change_company(
    session: Session,
    company_id: int,
    change: Mapping[str, Any],
    *,
    precondition: Precondition[Company],
    cause: Cause,
) -> Company:
    """Change a company and publish `company.updated`; equal values change nothing. Raises PreconditionFailed."""
    with session.begin():
        before = lock_company(session, company_id, cause)
        precondition.check(before)
        after = replace(before, **change)
        if after == before:
            return before
        after = companies.change(session, after)
        outbox.add(session, company_updated(after, cause))
    return after


def register_company(session: Session, company_id: int) -> None:
    """Register and publish a company before its first request."""
    get_company(session, company_id, Cause(request_id=uuid4().hex))


def lock_company(session: Session, company_id: int, cause: Cause) -> Company:
    """Lock a company and its teams in the caller's transaction, and return the company.

    A new company is registered and published; of two concurrent calls only one inserts it. Raises CompanyNotFound for
    a deleted one.
    """
    found = companies.lock(session, company_id)
    if found is None and (found := companies.add(session, company_id, default_name(company_id))):
        outbox.add(session, company_created(found, cause))
    found = found or companies.lock(session, company_id)
    if found is None or deletions.is_marked(session, company_id):
        raise CompanyNotFound(f"there is no company {company_id}")
    return found


def check_own_company(company_id: int, wanted: int) -> None:
    """Raise CompanyNotFound for another company than the caller's, whether it exists or not."""
    if wanted != company_id:
        raise CompanyNotFound(f"there is no company {wanted}")
