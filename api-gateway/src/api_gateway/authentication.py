"""Authenticates callers. A token names its owner; without one, only development mode accepts a request."""

import hmac
from urllib.parse import urlsplit

from service_kit.http.problems import Forbidden, Unauthorized
from service_kit.identity import ADMIN, Caller

from api_gateway.messages import Request
from api_gateway.settings import Settings, is_loopback

DEMO_COMPANY = 1
KEY_OWNER = Caller(DEMO_COMPANY, ADMIN, "api-key", "API key")
DEVELOPER = Caller(DEMO_COMPANY, ADMIN, "development", "Development mode")


class Authenticator:
    """Accepts one bearer key and, in development mode, requests without a token. User accounts are not built yet."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.api_key.encode()
        self._development = settings.development
        self._hosts = settings.hosts
        self._origins = settings.cors_origins

    def authenticate(self, request: Request) -> Caller:
        """Return the caller; raise Unauthorized (401), or Forbidden (403) for a request of a foreign web page."""
        credentials = request.environ.get("HTTP_AUTHORIZATION")
        if credentials is not None:
            return self._key_owner(credentials)
        if not self._development:
            raise Unauthorized("A bearer token is needed.")
        self._refuse_foreign_pages(request)
        return DEVELOPER

    def _key_owner(self, credentials: str) -> Caller:
        scheme, _, token = credentials.partition(" ")
        presented = token.strip().encode("latin-1", "replace")
        # Compared in constant time, so that its first characters can't be found one by one.
        good = hmac.compare_digest(presented, self._key) and bool(self._key)
        if scheme.lower() != "bearer" or not good:
            raise Unauthorized("The token is not valid.", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return KEY_OWNER

    def _refuse_foreign_pages(self, request: Request) -> None:
        """Raise Forbidden for requests of foreign pages: a page that the developer visits must not act as admin.

        `Origin` distinguishes foreign pages from ours; `Host` reveals DNS rebinding, a foreign name that resolves here.
        """
        host = request.environ.get("HTTP_HOST", "")
        if not self._is_own_host(host):
            raise Forbidden("Development mode answers on this machine's own names only; see GATEWAY_HOSTS.")
        origin = request.environ.get("HTTP_ORIGIN", "").lower()
        site = request.environ.get("HTTP_SEC_FETCH_SITE", "")
        allowed = origin in self._origins
        if not allowed and (site == "cross-site" or (origin and urlsplit(origin).netloc != host.lower())):
            raise Forbidden("Another web page's request needs a token, or its origin in CORS_ORIGINS.")

    def _is_own_host(self, host: str) -> bool:
        name = _hostname(host)
        return not name or is_loopback(name) or name in self._hosts


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return "?"
