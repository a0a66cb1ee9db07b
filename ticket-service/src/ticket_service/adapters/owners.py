"""Asks routing-service about departments and auth-service about teams, as a service of the caller's company.

Both are known here from events too. They are asked where a person names one, because it may have been deleted a moment
ago; while an owner can't be asked, what the events said has to do.
"""

from typing import Any
from urllib.parse import quote

import orjson
from service_kit.calls import Neighbour, NeighbourDown, NeighbourSlow
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from ticket_service.domain.teams import Team

ROUTING, AUTH = "routing-service", "auth-service"


class CantSay(Exception):
    """The owner is down, slow or answers nothing that says anything."""


class OwnersByHttp:
    """The owners of departments and teams, behind HTTP."""

    def __init__(self, routing: Neighbour, auth: Neighbour, signer: TokenSigner, name: str) -> None:
        """`name` is this service's own: it is who asks."""
        self._routing = routing
        self._auth = auth
        self._signer = signer
        self._name = name

    def takes_tickets(self, company: int, department: str) -> bool | None:
        """Return whether a department takes tickets now; None where its owner can't be asked."""
        try:
            found = self._get(self._routing, ROUTING, company, f"/api/departments/{quote(department, safe='')}")
            return found is not None and found["name"] == department and found["is_active"] is True
        except (CantSay, KeyError, TypeError):
            return None

    def team(self, company: int, known: Team) -> Team | None:
        """Return a team as it is now, None where it takes no tickets; as `known` where its owner can't be asked."""
        try:
            found = self._get(self._auth, AUTH, company, f"/api/teams/{known.team_id}")
            if found is None or found["is_active"] is not True:
                return None
            return Team(known.team_id, str(found["name"]), found["department"])
        except (CantSay, KeyError, TypeError):
            return known

    def _get(self, neighbour: Neighbour, audience: str, company: int, path: str) -> Any:
        """Return the JSON of an answer, None for 404; raise CantSay."""
        asker = Caller(company_id=company, role=SERVICE, subject=self._name, name=self._name)
        try:
            reply = neighbour.request("GET", path, headers={HEADER: self._signer.sign(asker, audience)})
        except (NeighbourDown, NeighbourSlow) as error:
            raise CantSay from error
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise CantSay
        try:
            return orjson.loads(reply.body)
        except ValueError as error:
            raise CantSay from error
