"""Mark notifications as read."""

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from notification_service.domain.notification import Notification, NotificationNotFound
from notification_service.store import notifications


def mark(session: Session, company_id: int, user_id: int, notification_id: int, *, is_read: bool) -> Notification:
    """Mark a person's notification as read or unread and return it; raise NotificationNotFound."""
    with session.begin():
        marked = notifications.mark(session, company_id, user_id, notification_id, is_read=is_read)
    if marked is None:
        raise NotificationNotFound(notification_id)
    return marked


def mark_all(
    session: Session, company_id: int, user_id: int, *, up_to: int, idempotency_key: IdempotencyKey[int]
) -> int:
    """Mark a person's notifications as read, up to one of them; return how many are unread then.

    Raises Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        notifications.mark_all(session, company_id, user_id, up_to=up_to)
        unread = notifications.unread_count(session, company_id, user_id)
        idempotency_key.store(session, unread)
    return unread
