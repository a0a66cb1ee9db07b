"""Asks ticket-service, over HTTP and as a service of the caller's company, whether a ticket exists."""

import orjson
from service_kit.calls import SERVER_ERRORS, Neighbour, NeighbourDown, NeighbourSlow
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from routing_service.ports import CantKnow, FoundTicket

AUDIENCE = "ticket-service"


class TicketService:
    """The owner of tickets."""

    def __init__(self, neighbour: Neighbour, signer: TokenSigner, name: str) -> None:
        """`name` is this service's own: it is who asks."""
        self._neighbour = neighbour
        self._signer = signer
        self._name = name

    def find(self, company: int, ticket_id: int) -> FoundTicket | None:
        """Return a ticket, None where the company has none of that number; raise CantKnow."""
        asker = Caller(company_id=company, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        try:
            reply = self._neighbour.request(
                "GET", f"/api/tickets/{ticket_id}", headers=headers, failure_statuses=SERVER_ERRORS
            )
        except (NeighbourDown, NeighbourSlow) as error:
            raise CantKnow(f"ticket-service can't say now whether there is a ticket {ticket_id}") from error
        if reply.status == 404:
            return None
        if reply.status != 200:
            # 401 or 500 says nothing about the ticket.
            raise CantKnow(f"ticket-service answered {reply.status} when asked for ticket {ticket_id}")
        try:
            ticket = orjson.loads(reply.body)
            return FoundTicket(
                uuid=ticket["uuid"],
                category=ticket["category"],
                priority=ticket["priority"],
                revision=int(ticket["revision"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CantKnow(f"ticket-service told nothing sensible of ticket {ticket_id}") from error
