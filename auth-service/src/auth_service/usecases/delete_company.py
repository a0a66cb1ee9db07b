"""Delete a company: shut its people out at once, and publish `company.deleted`, after which everything of it goes."""

from datetime import UTC, datetime

from company_kit import deletions
from eventbus.publish import outbox
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from auth_service.domain.company import Company, OperatorCompany, WrongName
from auth_service.domain.company_deletion import Deleter
from auth_service.events import company_deleted
from auth_service.store import company_deletions, invitations, revocations, users
from auth_service.usecases.change_companies import lock_company

log = get_logger(__name__)


def delete_company(
    session: Session,
    company_id: int,
    *,
    name: str,
    operator_company_id: int,
    by: Deleter,
    cause: Cause,
    precondition: Precondition[Company],
) -> Company:
    """Delete a company whose name is `name`, and return it as it was.

    From the commit on nobody logs in, and tokens and keys are refused as soon as the gateway has polled. The
    maintenance jobs of all services remove the rest; the record of who deleted it stays. Raises CompanyNotFound,
    PreconditionFailed, WrongName, OperatorCompany.
    """
    with session.begin():
        company = lock_company(session, company_id, cause)
        precondition.check(company)
        if company_id == operator_company_id:
            raise OperatorCompany
        if name != company.name:
            raise WrongName
        people = users.deactivate_all(session, company_id)
        revocations.add(session, company_id, revocations.USER, people)
        invitations.remove_all(session, company_id)
        deletions.mark(session, [company_id])
        outbox.add(session, company_deleted(company, datetime.now(UTC), by.actor, cause))
        company_deletions.add(session, company_id, by, cause.request_id)
    log.warning(
        "company deleted", company_id=company_id, by=by.actor, key_id=by.key_id, origin=by.origin, users=len(people)
    )
    return company
