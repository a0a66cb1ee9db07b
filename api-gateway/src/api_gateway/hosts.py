"""The names under which the gateway answers. A request for another one was sent here by mistake, or by a trick."""

import re

from service_kit.http.problems import Problem

from api_gateway.messages import Request
from api_gateway.settings import Settings, is_loopback

PROBED = {("health",), ("ready",)}
"""Load balancers ask for these under a replica's address; they tell nothing else."""
_HOST = re.compile(r"(\[[^\]]*\]|[^:/?#@\\\[\]\s]*)(?::\d*)?")


class Misdirected(Problem):
    """421: the request names another host."""

    status, code = 421, "misdirected"


class Hosts:
    """Compares the host that a request names with the list of the settings."""

    def __init__(self, settings: Settings) -> None:
        """In development mode only requests without a token are compared (`ForeignPages`), and all by `knows`."""
        self._open = settings.development or settings.any_host
        self._names = {name for name in settings.hosts if not name.startswith("*")}
        self._suffixes = tuple(name[1:] for name in settings.hosts if name.startswith("*."))

    def refuse(self, request: Request) -> None:
        """Raise Misdirected (421) for a request that names another host."""
        if not (self._open or self.knows(request.host) or request.segments in PROBED):
            raise Misdirected("The gateway does not answer under this name; see GATEWAY_HOSTS.")

    def knows(self, host: str) -> bool:
        """Return whether a `Host` names this gateway or this machine, or nothing: HTTP/1.0 needs no name."""
        name = _hostname(host)
        return not name or name in self._names or is_loopback(name) or name.endswith(self._suffixes)


def named_host(target: str, header: str) -> str:
    """Return the host that a request names: in its target, else in `Host` (RFC 9112, 3.2.2)."""
    if target.startswith("/"):
        return header
    scheme, separator, rest = target.partition("://")
    return rest.partition("/")[0].partition("?")[0] if separator and scheme else header


def _hostname(host: str) -> str:
    """Return the name without its port, in small letters; "?" for what is no host, such as names of two."""
    found = _HOST.fullmatch(host)
    return found[1].lower().rstrip(".") if found else "?"
