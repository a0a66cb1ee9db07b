"""Say whether a person takes new work."""

from datetime import UTC, datetime

from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.presence import NoAddress, Presence, check_lease
from workflow_service.store import people, presence
from workflow_service.usecases.offer_tasks import offer_tasks


def set_presence(
    session: Session,
    company_id: int,
    email: str,
    subject: str,
    *,
    available: bool,
    until: datetime | None,
    precondition: Precondition[Presence | None],
    cause: Cause,
) -> Presence:
    """Store whether a person takes new work; pending tasks that nobody works on are offered at once.

    Raises NoAddress, BadLease, PreconditionFailed.
    """
    if not email:
        raise NoAddress
    check_lease(until, datetime.now(UTC))
    with session.begin():
        # As everywhere the turns before the presence: a new address of the person locks them in this order.
        people.take_turns(session, {company_id: 0})
        presence.lock(session, company_id, email)
        precondition.check(presence.find(session, company_id, email))
        stored = presence.save(session, company_id, email, subject, available=available, until=until)
        # The sweep offers what is beyond these.
        offer_tasks(session, company_id, after=0, cause=cause)
    return stored


def get_presence(session: Session, company_id: int, email: str) -> Presence | None:
    """Return a person's presence, None without one."""
    return presence.find(session, company_id, email)
