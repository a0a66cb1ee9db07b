"""`ticket.status.updated`, `ticket.updated` and `ticket.commented`: the facts that clocks follow from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.facts import MACHINE
from workflow_service.store.facts import COMMENT, PRIORITY, STATUS, Fact
from workflow_service.usecases.take_facts import take_facts


@dataclass(frozen=True)
class StatusUpdated:
    """The fields of `ticket.status.updated` that this service uses."""

    ticket_id: int
    status: Literal["pending", "in_progress", "on_hold", "resolved", "closed"]
    updated_at: str

    def fact(self, company_id: int, revision: int) -> Fact | None:
        """Return the status as a fact."""
        at = datetime.fromisoformat(self.updated_at)
        return Fact(company_id, self.ticket_id, STATUS, at, revision, self.status)


@dataclass(frozen=True)
class Updated:
    """The fields of `ticket.updated` that this service uses."""

    ticket_id: int
    priority: Literal["low", "medium", "high", "urgent"]
    priority_given: bool
    updated_at: str

    def fact(self, company_id: int, revision: int) -> Fact | None:
        """Return the priority as a fact, None where no person chose it."""
        if not self.priority_given:
            return None
        at = datetime.fromisoformat(self.updated_at)
        return Fact(company_id, self.ticket_id, PRIORITY, at, revision, self.priority)


@dataclass(frozen=True)
class Commented:
    """The fields of `ticket.commented` that this service uses; not the text."""

    ticket_id: int
    author_kind: Literal["requester", "agent", "machine"]
    internal: bool
    sent_at: str

    def fact(self, company_id: int, revision: int) -> Fact | None:
        """Return a public comment of a person as a fact, None for another one."""
        if self.internal or self.author_kind == MACHINE:
            return None
        at = datetime.fromisoformat(self.sent_at)
        return Fact(company_id, self.ticket_id, COMMENT, at, revision, self.author_kind)


TicketEvent = StatusUpdated | Updated | Commented
VIEWS: dict[str, type[TicketEvent]] = {
    "ticket.status.updated": StatusUpdated,
    "ticket.updated": Updated,
    "ticket.commented": Commented,
}


def apply(session: Session, deliveries: Sequence[Delivery[TicketEvent]], _deps: object) -> None:
    """Store the facts of a batch and compute the clocks of the tickets' tasks anew. Late facts count as others do."""
    facts: list[Fact] = []
    causes: dict[Key, Cause] = {}
    for delivery in deliveries:
        envelope = delivery.envelope
        fact = delivery.body.fact(envelope.company_id, envelope.revision)
        if fact is not None:
            facts.append(fact)
            causes[envelope.company_id, fact.ticket_id] = envelope.cause
    take_facts(session, facts, causes)


CONSUMER: Consumer[TicketEvent, object] = Consumer(list(VIEWS), view=VIEWS, apply=apply, queue="follow-clocks")
