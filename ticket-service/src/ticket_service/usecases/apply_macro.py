"""Apply a macro to a ticket."""

from dataclasses import replace

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service.domain.edit import Edited
from ticket_service.domain.macro import MacroNotFound
from ticket_service.domain.ticket import Expected, Ticket
from ticket_service.ports import Directory
from ticket_service.store import macros, read_marks
from ticket_service.usecases.add_comment import add_beside
from ticket_service.usecases.edit_ticket import apply_edit, ask_owners
from ticket_service.usecases.request_context import RequestContext


def apply_macro(
    session: Session,
    ticket_id: int,
    macro_id: int,
    expected: Expected,
    context: RequestContext,
    directory: Directory,
    idempotency_key: IdempotencyKey[Ticket],
) -> Edited:
    """Make all changes of a macro as `edit_ticket` does and add its comment, in one transaction: all of them or none.

    Raises MacroNotFound, Replayed for a repeated Idempotency-Key, and what `edit_ticket` raises.
    """
    with session.begin():
        macro = macros.find(session, context.company_id, macro_id)
        if macro is None:
            # The request may be a repeated one, and the macro deleted since: its answer stays the first one.
            idempotency_key.claim(session)
            raise MacroNotFound
    edit = macro.edit()
    answers = ask_owners(session, edit, context.company_id, directory)
    with session.begin():
        idempotency_key.claim(session)
        outcome = apply_edit(session, ticket_id, edit, expected, context, answers)
        ticket = add_beside(session, outcome.ticket, macro.comment(), context)
        ticket = read_marks.for_reader(session, ticket, context.actor, public=False)
        idempotency_key.store(session, ticket)
    return replace(outcome, ticket=ticket)
