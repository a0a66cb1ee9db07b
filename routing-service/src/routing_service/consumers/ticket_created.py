"""A ticket exists: know it, so that people can route it before any machine has read it."""

from dataclasses import dataclass

from routing_service.domain.ticket import Ticket, learn


@dataclass(frozen=True)
class Created:
    """What this service needs of `ticket.created`."""

    ticket_id: int
    ticket_uuid: str
    category: str
    priority: str


def know(ticket: Ticket, created: Created) -> Ticket:
    """Enter what was known when the ticket was created; anything learned since outranks it."""
    return learn(ticket, ticket_uuid=created.ticket_uuid, category=created.category, priority=created.priority)
