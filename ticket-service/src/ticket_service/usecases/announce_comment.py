"""Announce a comment that is sent, edited or deleted: trail and event, in the transaction that does it."""

from collections.abc import Callable

from eventbus.event import Event
from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.comments import Comment
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.trail import COMMENT, COMMENT_DELETED, COMMENT_EDITED, Entry
from ticket_service.store import tickets, trail


def announce_comment(session: Session, ticket: Ticket, comment: Comment, cause: Cause) -> None:
    """Append a comment on a locked ticket to the trail and publish it, without its text."""
    # A note changes nothing that the requester sees of the ticket, not even its version.
    revision = tickets.count_event(session, ticket, shown=not comment.internal)
    trail.append(session, [entry_of(COMMENT, comment, comment.author, cause)])
    outbox.add(session, events.commented(ticket, revision, comment, cause))


def announce_edit(session: Session, comment: Comment, actor: str, cause: Cause) -> None:
    """Append another text of a comment to the trail and publish it; neither holds the text."""
    _announce_change(session, comment, actor, cause, COMMENT_EDITED, events.comment_updated)


def announce_deletion(session: Session, comment: Comment, actor: str, cause: Cause) -> None:
    """Append the deletion of a comment to the trail and publish it."""
    _announce_change(session, comment, actor, cause, COMMENT_DELETED, events.comment_deleted)


def _announce_change(
    session: Session,
    comment: Comment,
    actor: str,
    cause: Cause,
    entry: str,
    event: Callable[[Ticket, int, Comment, str, Cause], Event],
) -> None:
    ticket = tickets.get(session, comment.company_id, comment.ticket_id)
    # The comment has a version of its own; the ticket's stays.
    revision = tickets.count_event(session, ticket, shown=False)
    trail.append(session, [entry_of(entry, comment, actor, cause)])
    outbox.add(session, event(ticket, revision, comment, actor, cause))


def entry_of(event_type: str, comment: Comment, actor: str, cause: Cause) -> Entry:
    """Return the trail's entry for something that happened to a comment; it names the comment and holds no text."""
    payload = {"comment_id": comment.id, "parent_id": comment.parent_id, "internal": comment.internal}
    return Entry(comment.company_id, comment.ticket_id, event_type, actor, payload, cause.request_id)
