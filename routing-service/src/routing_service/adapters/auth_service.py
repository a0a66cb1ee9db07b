"""Asks auth-service, over HTTP and as a service of the caller's company, for a team as it is now."""

import orjson
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from routing_service.domain.teams import Team
from routing_service.ports import OwnerUnavailable

AUDIENCE = "auth-service"


class AuthServiceClient:
    """A client of the service that owns teams."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of the calling service."""
        self._client = client
        self._signer = signer
        self._name = name

    def find(self, company_id: int, team_id: int) -> Team | None:
        """Return a team, None where the company has none with this id; raise OwnerUnavailable."""
        caller = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(caller, AUDIENCE)}
        try:
            reply = self._client.request("GET", f"/api/teams/{team_id}", headers=headers)
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise OwnerUnavailable(f"auth-service can't say now whether there is a team {team_id}") from error
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise OwnerUnavailable(f"auth-service answered {reply.status} when asked for team {team_id}")
        try:
            team = orjson.loads(reply.body)
            return Team(team_id, str(team["name"]), team["department"], team["is_active"] is True)
        except (ValueError, KeyError, TypeError) as error:
            raise OwnerUnavailable(f"auth-service sent an invalid response about team {team_id}") from error
