"""Queue the digests that are due, as mails, and let people end theirs."""

from company_kit.actor import USER, acting_as
from service_kit.database.engine import Database
from sqlalchemy.orm import Session

from notification_service.domain.delivery import MessageIds
from notification_service.domain.kinds import DIGEST
from notification_service.domain.notification import NewNotification
from notification_service.domain.preferences import preferences_of
from notification_service.store import deliveries, digests, notifications
from notification_service.store.deliveries import NewDelivery

MAX_FOUND = 20


def make_digests(database: Database, message_ids: MessageIds) -> int:
    """Queue up to MAX_FOUND due digests, each in a transaction of its own; return how many were found."""
    with database.session() as session, session.begin():
        found = digests.due(session, MAX_FOUND)
    for company_id, user_id in found:
        with database.session(company_id) as session, session.begin():
            _make(session, company_id, user_id, message_ids)
    return len(found)


def end_digest(database: Database, company_id: int, user_id: int) -> None:
    """End a person's digests, as the person asks by an address in one of them."""
    with acting_as(USER, f"user:{user_id}"), database.session(company_id) as session, session.begin():
        digests.end(session, company_id, user_id)


def _make(session: Session, company_id: int, user_id: int, message_ids: MessageIds) -> None:
    """Queue a digest unless it would be empty, and store when the next one is due: both or none.

    The period is part of the cause, so that nobody gets two in one, whatever is killed, repeated or set anew.
    """
    found = digests.lock(session, company_id, user_id)
    digest = None if found is None else preferences_of({"digest": found.document}).digest
    if found is None or digest is None:
        return
    after = found.after
    if found.newest is not None and found.is_active:
        cause = f"digest:{digest.period_of(found.now)}"
        facts = {"after": found.after, "up_to": found.newest}
        new = NewNotification(company_id, user_id, DIGEST, cause, None, False, True, facts)
        for added in notifications.add(session, [new]):
            message_id = message_ids.of(company_id, cause, user_id)
            deliveries.add(session, [NewDelivery(company_id, added.id, user_id, cause, message_id, found.now)])
            after = found.newest
    digests.move(session, company_id, user_id, at=digest.next_after(found.now), after=after)
