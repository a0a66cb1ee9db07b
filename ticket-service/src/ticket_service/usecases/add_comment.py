"""Add a comment to a ticket: sent at once, or scheduled to be sent in some seconds."""

from company_kit.actor import current_actor
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service.domain.comments import (
    AuthorKind,
    BadComment,
    Comment,
    CommentDraft,
    CommentState,
    Reader,
    depth_of_reply,
)
from ticket_service.domain.mentions import check_mentions
from ticket_service.domain.ticket import Ticket
from ticket_service.store import attachments, comments, tickets, users
from ticket_service.store.comments import Writer
from ticket_service.usecases.announce_comment import announce_comment
from ticket_service.usecases.request_context import RequestContext


def add_comment(
    session: Session,
    ticket_id: int,
    draft: CommentDraft,
    kind: AuthorKind,
    reader: Reader,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Comment],
) -> Comment:
    """Store a comment and, unless it is sent later, append it to the trail and publish `ticket.commented`.

    The status of the ticket stays as it is, also where the ticket is closed. Raises TicketNotFound, BadComment,
    Replayed.
    """
    with session.begin():
        idempotency_key.claim(session)
        ticket = tickets.lock(session, context.company_id, ticket_id, reader.own)
        depth = 0
        if draft.parent_id is not None:
            parent = comments.find(session, context.company_id, draft.parent_id, reader)
            depth = depth_of_reply(parent, ticket.id, internal=draft.internal)
        if draft.mentions and not reader.sees_internal:
            # Other answers would tell a requester which people work here.
            raise BadComment("mentions", "A requester mentions nobody.")
        roles = users.roles_of(session, context.company_id, draft.mentions)
        check_mentions(draft.mentions, roles, requester=ticket.customer_id, internal=draft.internal)
        comment = _store(session, ticket, draft, depth, kind, context)
        idempotency_key.store(session, comment)
    return comment


def add_beside(session: Session, ticket: Ticket, draft: CommentDraft | None, context: RequestContext) -> Ticket:
    """Add a comment of staff to a ticket that the caller's transaction changes, and return the ticket as it is then.

    Without a draft there is no comment. It has neither a parent nor mentions, so that it fits every ticket.
    """
    if draft is None:
        return ticket
    _store(session, ticket, draft, 0, AuthorKind.AGENT, context)
    return tickets.get(session, context.company_id, ticket.id)


def _store(
    session: Session, ticket: Ticket, draft: CommentDraft, depth: int, kind: AuthorKind, context: RequestContext
) -> Comment:
    writer = Writer(context.actor, kind, context.cause, current_actor())
    comment = comments.add(session, ticket, draft, depth, writer)
    attachments.attach(session, comment, draft.file_ids)
    if comment.state is CommentState.SENT:
        announce_comment(session, ticket, comment, context.cause)
    return comment
