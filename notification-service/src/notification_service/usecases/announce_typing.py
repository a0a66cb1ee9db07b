"""Announce that a person writes at a ticket, or no longer does."""

from sqlalchemy.orm import Session

from notification_service.domain.changes import Viewer, of_typing
from notification_service.store import live_events, tickets


def announce_typing(session: Session, viewer: Viewer, ticket_id: int, *, typing: bool) -> None:
    """Announce it to the staff; nothing happens where the person may not see the ticket."""
    with session.begin():
        if viewer.user_id is None:
            return
        if viewer.is_staff or tickets.requester_of(session, viewer.company_id, ticket_id) == viewer.user_id:
            change = of_typing(viewer.company_id, ticket_id, viewer.user_id, typing=typing)
            live_events.add(session, [change])
