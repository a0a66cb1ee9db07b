"""Asks ticket-service, over HTTP and as a service of the caller's company, for a ticket as it is now."""

import orjson
from service_kit.http_client import SERVER_ERRORS, ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from routing_service.ports import FoundTicket, OwnerUnavailable

AUDIENCE = "ticket-service"


class TicketServiceClient:
    """A client of the service that owns tickets."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of the calling service."""
        self._client = client
        self._signer = signer
        self._name = name

    def find(self, company_id: int, ticket_id: int) -> FoundTicket | None:
        """Return a ticket, None where the company has none with this id; raise OwnerUnavailable."""
        caller = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(caller, AUDIENCE)}
        try:
            reply = self._client.request(
                "GET", f"/api/tickets/{ticket_id}", headers=headers, failure_statuses=SERVER_ERRORS
            )
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise OwnerUnavailable(f"ticket-service can't say now whether there is a ticket {ticket_id}") from error
        if reply.status == 404:
            return None
        if reply.status != 200:
            # A status like 401 or 500 doesn't show whether the ticket exists.
            raise OwnerUnavailable(f"ticket-service answered {reply.status} when asked for ticket {ticket_id}")
        try:
            ticket = orjson.loads(reply.body)
            return FoundTicket(
                uuid=ticket["uuid"],
                category=ticket["category"],
                priority=ticket["priority"],
                revision=int(ticket["revision"]),
                sub_category=ticket.get("sub_category"),
                external_ticket_id=ticket.get("external_ticket_id"),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise OwnerUnavailable(f"ticket-service sent an invalid response about ticket {ticket_id}") from error
