"""Renews presence at tickets in ticket-service, as a service of the person's company."""

import orjson
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner
from service_kit.telemetry.logs import get_logger

TICKETS = "ticket-service"
log = get_logger(__name__)


class HttpTicketPresence:
    """Implements `ports.TicketPresence` over HTTP; threads share it."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of the calling service."""
        self._client, self._signer, self._name = client, signer, name

    def renew(self, person: Caller, ticket_id: int, *, typing: bool) -> None:
        """Renew a person's lease at a ticket. Raises nothing: the next frame of the person renews it again."""
        caller = Caller(company_id=person.company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(caller, TICKETS), "Content-Type": "application/json"}
        body = orjson.dumps({"person": person.subject, "name": person.name or person.subject, "typing": typing})
        try:
            reply = self._client.request("PUT", f"/internal/tickets/{ticket_id}/presence", headers=headers, body=body)
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            log.debug("presence not renewed", reason=str(error))
            return
        if reply.status >= 400:
            log.debug("presence not renewed", status=reply.status)
