"""Who is calling. A token always means its owner; without one only development mode lets anybody in."""

import hmac
from urllib.parse import urlsplit

from service_kit.http.problems import Forbidden, Unauthorized
from service_kit.identity import ADMIN, Caller

from api_gateway.messages import Request
from api_gateway.settings import Settings, is_loopback

DEMO_COMPANY = 1
KEY_OWNER = Caller(DEMO_COMPANY, ADMIN, "api-key", "API key")
DEVELOPER = Caller(DEMO_COMPANY, ADMIN, "development", "Development mode")


class Door:
    """Tells callers apart until identity is built: one bearer key, and development mode."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.api_key.encode()
        self._development = settings.development
        self._hosts = settings.hosts
        self._origins = settings.cors_origins

    def caller(self, request: Request) -> Caller:
        """Return who is calling; raise Unauthorized (401), or Forbidden for another web page's request."""
        credentials = request.environ.get("HTTP_AUTHORIZATION")
        if credentials is not None:
            return self._owner(credentials)
        if not self._development:
            raise Unauthorized("A bearer token is needed.")
        self._refuse_foreign_pages(request)
        return DEVELOPER

    def _owner(self, credentials: str) -> Caller:
        scheme, _, token = credentials.partition(" ")
        presented = token.strip().encode("latin-1", "replace")
        # Compared in constant time, so that its first characters can't be found one by one.
        good = hmac.compare_digest(presented, self._key) and bool(self._key)
        if scheme.lower() != "bearer" or not good:
            raise Unauthorized("The token is not valid.", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return KEY_OWNER

    def _refuse_foreign_pages(self, request: Request) -> None:
        """A page the developer visits may send requests here too; it must not be the demo company's admin.

        Its `Origin` tells it from our own pages, and the `Host` tells a name that was bent to this machine.
        """
        host = request.environ.get("HTTP_HOST", "")
        if not self._known(host):
            raise Forbidden("Development mode answers on this machine's own names only; see GATEWAY_HOSTS.")
        origin = request.environ.get("HTTP_ORIGIN", "").lower()
        site = request.environ.get("HTTP_SEC_FETCH_SITE", "")
        allowed = origin in self._origins
        if not allowed and (site == "cross-site" or (origin and urlsplit(origin).netloc != host.lower())):
            raise Forbidden("Another web page's request needs a token, or its origin in CORS_ORIGINS.")

    def _known(self, host: str) -> bool:
        name = _hostname(host)
        return not name or is_loopback(name) or name in self._hosts


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return "?"
