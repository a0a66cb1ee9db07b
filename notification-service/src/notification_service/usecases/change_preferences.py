"""Read and change a person's preferences."""

from collections.abc import Mapping
from typing import Any

from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from notification_service.domain.preferences import Preferences, preferences_of
from notification_service.store import deliveries, people


def get_preferences(session: Session, company_id: int, user_id: int) -> Preferences:
    """Return a person's preferences."""
    return preferences_of(people.document(session, company_id, user_id))


def change_preferences(
    session: Session,
    company_id: int,
    user_id: int,
    document: Mapping[str, Any],
    *,
    precondition: Precondition[Preferences],
) -> Preferences:
    """Store a person's preferences and return them; raise PreconditionFailed."""
    with session.begin():
        before = people.lock_document(session, company_id, user_id)
        precondition.check(preferences_of(before))
        if before != document:
            wanted = preferences_of(document)
            digest_at = None if wanted.digest is None else wanted.digest.next_after(deliveries.time(session))
            people.save_document(session, company_id, user_id, document, digest_at)
    return preferences_of(document)
