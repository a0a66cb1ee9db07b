"""Solve a ticket: store a person's steps as its solution, resolve it, and perhaps comment on it."""

from collections.abc import Sequence

from company_kit import audit
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service.domain.comments import CommentDraft
from ticket_service.domain.edit import Edit, OwnerAnswers
from ticket_service.domain.enums import Status
from ticket_service.domain.solution import numbered
from ticket_service.domain.ticket import Expected, Ticket
from ticket_service.domain.trail import Entry
from ticket_service.store import read_marks, solutions, trail
from ticket_service.usecases.add_comment import add_beside
from ticket_service.usecases.edit_ticket import apply_edit
from ticket_service.usecases.request_context import RequestContext


def solve_ticket(
    session: Session,
    ticket_id: int,
    steps: Sequence[str],
    comment: CommentDraft | None,
    expected: Expected,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Ticket],
) -> Ticket:
    """Store the steps in their order, resolve the ticket where it isn't resolved yet, and return it.

    A comment is added in the same transaction. Later proposals of machines don't replace a person's steps. Raises
    TicketNotFound, StaleVersion, IllegalMove for a closed ticket, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        edit = Edit(status=Status.RESOLVED)
        before = apply_edit(session, ticket_id, edit, expected, context, OwnerAnswers()).ticket
        ticket = solutions.save_persons(session, before, numbered(steps))
        # Trail and audit omit the text, as they do for proposals.
        counts = {"old": len(before.solution_steps or ()), "new": len(steps)}
        payload = {"after": {"mode": ticket.solution_mode, "steps": len(steps)}}
        entry = Entry(ticket.company_id, ticket.id, "solved", context.actor, payload, context.cause.request_id)
        trail.append(session, [entry])
        audit.add(
            session,
            ticket.company_id,
            "ticket.solved",
            record="ticket",
            record_id=ticket.id,
            ticket_id=ticket.id,
            changes=[{"field": "solution_steps", **counts}],
        )
        ticket = add_beside(session, ticket, comment, context)
        ticket = read_marks.for_reader(session, ticket, context.actor, public=False)
        idempotency_key.store(session, ticket)
    return ticket
