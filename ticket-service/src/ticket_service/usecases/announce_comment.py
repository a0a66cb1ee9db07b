"""Announce a comment that is sent: trail and `ticket.commented`, in the transaction that sends it."""

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.comments import Comment
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.trail import COMMENT, Entry
from ticket_service.store import tickets, trail


def announce_comment(session: Session, ticket: Ticket, comment: Comment, cause: Cause) -> None:
    """Append a comment on a locked ticket to the trail and publish it, without its text."""
    # A note changes nothing that the requester sees of the ticket, not even its version.
    revision = tickets.count_event(session, ticket, shown=not comment.internal)
    trail.append(session, [entry_of(COMMENT, comment, comment.author, cause)])
    outbox.add(session, events.commented(ticket, revision, comment, cause))


def entry_of(event_type: str, comment: Comment, actor: str, cause: Cause) -> Entry:
    """Return the trail's entry for something that happened to a comment; it names the comment and holds no text."""
    payload = {"comment_id": comment.id, "parent_id": comment.parent_id, "internal": comment.internal}
    return Entry(comment.company_id, comment.ticket_id, event_type, actor, payload, cause.request_id)
