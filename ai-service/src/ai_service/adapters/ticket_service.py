"""Asks ticket-service, as a service of the caller's company, whether a ticket is still there."""

from service_kit.calls import Neighbour, NeighbourDown, NeighbourSlow
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

AUDIENCE = "ticket-service"


class TicketService:
    """The owner of tickets."""

    def __init__(self, neighbour: Neighbour, signer: TokenSigner, name: str) -> None:
        """`name` is this service's own: it is who asks."""
        self._neighbour = neighbour
        self._signer = signer
        self._name = name

    def is_gone(self, company: int, ticket_id: int) -> bool:
        """Return whether a ticket that is known here is deleted; false where its owner can't be asked."""
        asker = Caller(company_id=company, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        try:
            return self._neighbour.request("GET", f"/api/tickets/{ticket_id}", headers=headers).status == 404
        except (NeighbourDown, NeighbourSlow):
            return False
