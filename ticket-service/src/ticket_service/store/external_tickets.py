"""The state of the tickets that another system sends: what it sent last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from ticket_service.domain.ticket import Ticket
from ticket_service.store.tables import SHOWN, tickets
from ticket_service.store.tickets import from_row

MAX_MESSAGES = 20
"""The ids of messages that are kept of a ticket; a message is delivered again soon or never."""

_LOCK = text("select pg_advisory_xact_lock(:company, hashtext(:external_id))")
_FIND = text("""
    select digests, sent_at, messages from external_tickets where company_id = :company and ticket_id = :ticket
""")
_SAVE = text("""
    insert into external_tickets (company_id, ticket_id, digests, sent_at, messages)
    values (:company, :ticket, cast(:digests as jsonb), :sent_at, :messages)
    on conflict (company_id, ticket_id) do update
        set digests = excluded.digests, sent_at = excluded.sent_at, messages = excluded.messages
""")


@dataclass(frozen=True)
class Known:
    """The knowledge of a ticket's sender: digests of its fields, when it sent them, the ids of its messages."""

    digests: Mapping[str, str]
    sent_at: datetime | None
    messages: Sequence[str]


NOTHING_KNOWN = Known({}, None, ())


def lock(session: Session, company_id: int, external_id: str) -> Ticket | None:
    """Return the ticket with an external id, None without one; until the transaction ends nobody else takes that id.

    Index: tickets_external.
    """
    session.execute(_LOCK, {"company": company_id, "external_id": external_id})
    query = select(*SHOWN).where(tickets.c.company_id == company_id, tickets.c.external_ticket_id == external_id)
    row = session.execute(query.with_for_update()).one_or_none()
    return None if row is None else from_row(row)


def known_of(session: Session, ticket: Ticket) -> Known:
    """Return what is known of a ticket's sender."""
    row = session.execute(_FIND, {"company": ticket.company_id, "ticket": ticket.id}).one_or_none()
    return NOTHING_KNOWN if row is None else Known(*row)


def save(session: Session, ticket: Ticket, known: Known) -> None:
    """Store what is known of a ticket's sender."""
    values = {
        "company": ticket.company_id,
        "ticket": ticket.id,
        "digests": orjson.dumps(known.digests).decode(),
        "sent_at": known.sent_at,
        "messages": list(known.messages)[-MAX_MESSAGES:],
    }
    session.execute(_SAVE, values)


def save_sender(
    session: Session, ticket: Ticket, *, name: str | None, email: str | None, metadata: Mapping[str, Any]
) -> None:
    """Store the requester and the metadata of a locked ticket; no event carries them."""
    session.execute(
        update(tickets)
        .where(tickets.c.company_id == ticket.company_id, tickets.c.id == ticket.id)
        .values(
            user_name=name,
            user_email=email,
            metadata=dict(metadata),
            version=tickets.c.version + 1,
            updated_at=func.now(),
        )
    )
