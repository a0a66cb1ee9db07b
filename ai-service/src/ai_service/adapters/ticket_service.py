"""Asks ticket-service, with the role service, whether a ticket exists."""

from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

AUDIENCE = "ticket-service"


class TicketServiceClient:
    """A client of ticket-service."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of this service, which signs its calls."""
        self._client = client
        self._signer = signer
        self._name = name

    def is_deleted(self, company_id: int, ticket_id: int) -> bool:
        """Return whether a ticket is deleted; false where ticket-service can't be reached."""
        caller = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(caller, AUDIENCE)}
        try:
            return self._client.request("GET", f"/api/tickets/{ticket_id}", headers=headers).status == 404
        except (UpstreamUnavailable, UpstreamTimeout):
            return False
