"""The caller of a request: the gateway's token says who it is."""

from collections.abc import Iterable, Mapping

from service_kit.identity import ADMIN, AGENT, ANONYMOUS, HEADER, MANAGER, REQUESTER, SERVICE, BadToken, Caller
from service_kit.identity.tokens import TokenVerifier

from notification_service.domain.changes import Viewer
from notification_service.domain.people import number_of

STAFF_ROLES = frozenset({AGENT, MANAGER, ADMIN})
PEOPLE = STAFF_ROLES | {REQUESTER}
CONNECTION = "x-connection-id"
"""The gateway's name for the connection, by which it ends it."""
TICKET = "x-connection-ticket"
"""The number of the single-use ticket by which a browser has proved who it is."""


class NoCaller(Exception):
    """The request has no valid internal token."""


class Callers:
    """Verifies internal tokens."""

    def __init__(self, audience: str, trusted: Mapping[str, str]) -> None:
        self._verifier = TokenVerifier(audience, trusted)

    def of(self, headers: Mapping[str, str]) -> Caller:
        """Return the caller; raise NoCaller."""
        try:
            return self._verifier.verify(headers.get(HEADER.lower(), ""))
        except BadToken as error:
            raise NoCaller from error


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in small letters."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def viewer_of(caller: Caller) -> Viewer | None:
    """Return the caller as a person who may learn of changes; None for nobody known, and for services."""
    if caller.role in (ANONYMOUS, SERVICE) or caller.role not in PEOPLE:
        return None
    return Viewer(caller.company_id, number_of(caller.subject), caller.role in STAFF_ROLES)
