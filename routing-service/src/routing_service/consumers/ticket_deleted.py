"""A ticket is gone: forget where it was, and keep that it is gone."""

from dataclasses import dataclass

from routing_service.domain.ticket import Ticket, forget


@dataclass(frozen=True)
class Deleted:
    """What this service needs of `ticket.deleted`."""

    ticket_id: int


def remove(ticket: Ticket) -> Ticket:
    """Leave nothing of the ticket. Its row stays, so that nobody can route it at the same moment."""
    return forget(ticket)
