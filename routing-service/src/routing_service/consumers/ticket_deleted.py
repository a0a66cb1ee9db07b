"""`ticket.deleted`: reduce the ticket to a tombstone."""

from dataclasses import dataclass

from routing_service.domain.ticket import Ticket, to_tombstone


@dataclass(frozen=True)
class Deleted:
    """The fields of `ticket.deleted` that this service uses."""

    ticket_id: int


def update_ticket(ticket: Ticket) -> Ticket:
    """Return the ticket's tombstone. The row stays, so that no later event routes the ticket."""
    return to_tombstone(ticket)
