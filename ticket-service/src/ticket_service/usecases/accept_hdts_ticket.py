"""Accept a ticket of another system: store it, or change the one that was stored before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from company_kit import deletions
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service.domain.departments import routable
from ticket_service.domain.edit import Edit, OwnerAnswers
from ticket_service.domain.hdts import METADATA, HdtsTicket
from ticket_service.domain.ticket import Draft, Expected, Ticket
from ticket_service.domain.trail import Entry
from ticket_service.store import departments, external_tickets, tickets, trail
from ticket_service.store.external_tickets import Known
from ticket_service.usecases.create_ticket import insert_ticket
from ticket_service.usecases.edit_ticket import apply_edit
from ticket_service.usecases.request_context import RequestContext

EDITED = ("title", "description", "category", "sub_category", "priority")
"""The fields of a sent ticket that are changed as people change them."""
SENDER = ("requester_name", "requester_email", "metadata")


class CompanyDeleted(Exception):
    """The company for which tickets arrive was deleted."""

    def __init__(self) -> None:
        super().__init__("The company is deleted.")


class Outcome(StrEnum):
    """The effect of a message."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LATE = "late"
    """A newer message about the ticket was accepted before."""


@dataclass(frozen=True)
class Sent:
    """A ticket as it was sent; `message_id` and `sent_at` where the sender gives them."""

    ticket: HdtsTicket
    message_id: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Accepted:
    """The ticket as it is stored now, and the effect of the message."""

    ticket: Ticket
    outcome: Outcome


def accept_hdts_ticket(
    session: Session,
    database: Database,
    sent: Sent,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Accepted] | None = None,
) -> Accepted:
    """Store a sent ticket with its external id in one transaction; sent again, it changes only what differs.

    Only fields that the sender has changed since its last message are changed, so that people's work on the others
    stays. `database` has the events' contracts. Raises CompanyDeleted, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        if idempotency_key is not None:
            idempotency_key.claim(session)
        if deletions.is_marked(session, context.company_id):
            raise CompanyDeleted
        before = external_tickets.lock(session, context.company_id, sent.ticket.external_id)
        accepted = (
            _create(session, database, sent, context) if before is None else _change(session, before, sent, context)
        )
        if idempotency_key is not None:
            idempotency_key.store(session, accepted)
    return accepted


def _create(session: Session, database: Database, sent: Sent, context: RequestContext) -> Accepted:
    new = sent.ticket
    draft = Draft(
        title=new.title,
        description=new.description,
        user_name=new.requester_name,
        user_email=new.requester_email,
        priority=new.priority,
        metadata=new.metadata or None,
        category=new.category,
        sub_category=new.sub_category,
        external_ticket_id=new.external_id,
    )
    ticket = insert_ticket(session, database, draft, context)
    external_tickets.save(session, ticket, _known(external_tickets.NOTHING_KNOWN, sent))
    wanted = _wanted_department(session, ticket, new.department, context)
    if wanted is not None:
        ticket = _edit(session, ticket, Edit(department=wanted), context)
    return Accepted(ticket, Outcome.CREATED)


def _change(session: Session, before: Ticket, sent: Sent, context: RequestContext) -> Accepted:
    known = external_tickets.known_of(session, before)
    if sent.message_id is not None and sent.message_id in known.messages:
        return Accepted(before, Outcome.UNCHANGED)
    if sent.sent_at is not None and known.sent_at is not None and sent.sent_at < known.sent_at:
        return Accepted(before, Outcome.LATE)
    new, digests = sent.ticket, sent.ticket.digests()
    changed = {name for name, digest in digests.items() if known.digests.get(name) != digest}
    external_tickets.save(session, before, _known(known, sent))
    if not changed:
        return Accepted(before, Outcome.UNCHANGED)
    if changed & set(SENDER):
        _save_sender(session, before, new, changed, context)
    values: dict[str, object] = {name: getattr(new, name) for name in EDITED if name in changed}
    if "department" in changed:
        values["department"] = _wanted_department(session, before, new.department, context)
    return Accepted(_edit(session, before, Edit(**values), context), Outcome.UPDATED)  # type: ignore[arg-type]


def _save_sender(
    session: Session, before: Ticket, new: HdtsTicket, changed: Collection[str], context: RequestContext
) -> None:
    others = {name: value for name, value in (before.metadata or {}).items() if name != METADATA}
    external_tickets.save_sender(
        session, before, name=new.requester_name, email=new.requester_email, metadata={**others, **new.metadata}
    )
    _append(session, before, "updated", {"changed": [name for name in SENDER if name in changed]}, context)


def _wanted_department(session: Session, ticket: Ticket, wanted: str | None, context: RequestContext) -> str | None:
    """Return the department that the sender asks for as it is spelled here; None without one, or for an unknown one."""
    if wanted is None:
        return None
    # The owner of departments isn't asked: a message that waits for a neighbour would hold up all others.
    known = {name.casefold(): name for name in routable(departments.all_of(session, ticket.company_id))}
    found = known.get(wanted.casefold())
    if found is None:
        payload = {"wanted_department": wanted, "reason": "no department of this name takes tickets"}
        _append(session, ticket, "department_ignored", payload, context)
    return found


def _edit(session: Session, ticket: Ticket, edit: Edit, context: RequestContext) -> Ticket:
    apply_edit(session, ticket.id, edit, Expected(), context, OwnerAnswers())
    return tickets.get(session, ticket.company_id, ticket.id)


def _append(
    session: Session, ticket: Ticket, event_type: str, payload: Mapping[str, object], context: RequestContext
) -> None:
    entry = Entry(ticket.company_id, ticket.id, event_type, context.actor, payload, context.cause.request_id)
    trail.append(session, [entry])


def _known(before: Known, sent: Sent) -> Known:
    messages = [*before.messages, *([] if sent.message_id is None else [sent.message_id])]
    return replace(before, digests=sent.ticket.digests(), sent_at=sent.sent_at or before.sent_at, messages=messages)
