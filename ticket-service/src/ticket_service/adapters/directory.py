"""Asks routing-service about departments and auth-service about teams, as a service of the caller's company.

This service has replicas of both. It asks the owner where a person names one, because that one may have been deleted a
moment ago; while the owner is unavailable, the replica decides.
"""

from typing import Any
from urllib.parse import quote

import orjson
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from ticket_service.domain.teams import Team

ROUTING, AUTH = "routing-service", "auth-service"


class DirectoryUnavailable(Exception):
    """The owner is down or slow, or its answer is not valid."""


class HttpDirectory:
    """The directory of departments and teams: their services, asked over HTTP."""

    def __init__(self, routing: ServiceClient, auth: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of the calling service."""
        self._routing = routing
        self._auth = auth
        self._signer = signer
        self._name = name

    def takes_tickets(self, company_id: int, department: str) -> bool | None:
        """Return whether a department takes tickets now; None where its owner is unavailable."""
        try:
            found = self._get(self._routing, ROUTING, company_id, f"/api/departments/{quote(department, safe='')}")
            return found is not None and found["name"] == department and found["is_active"] is True
        except (DirectoryUnavailable, KeyError, TypeError):
            return None

    def team(self, company_id: int, replica: Team) -> Team | None:
        """Return a team as it is now, None where it takes no tickets, `replica` where its owner is unavailable."""
        try:
            found = self._get(self._auth, AUTH, company_id, f"/api/teams/{replica.team_id}")
            if found is None or found["is_active"] is not True:
                return None
            return Team(replica.team_id, str(found["name"]), found["department"])
        except (DirectoryUnavailable, KeyError, TypeError):
            return replica

    def _get(self, client: ServiceClient, audience: str, company_id: int, path: str) -> Any:
        """Return the JSON of the response, None for 404; raise DirectoryUnavailable."""
        caller = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        try:
            reply = client.request("GET", path, headers={HEADER: self._signer.sign(caller, audience)})
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise DirectoryUnavailable from error
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise DirectoryUnavailable
        try:
            return orjson.loads(reply.body)
        except ValueError as error:
            raise DirectoryUnavailable from error
