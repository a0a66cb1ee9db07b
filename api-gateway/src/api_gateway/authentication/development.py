"""Development mode: a request without a token acts as the demo company's admin, unless a foreign page sent it."""

from urllib.parse import urlsplit

from service_kit.http.problems import Forbidden
from service_kit.identity import ADMIN, Caller

from api_gateway.hosts import Hosts
from api_gateway.messages import Request
from api_gateway.settings import Settings

DEMO_COMPANY = 1
DEVELOPER = Caller(DEMO_COMPANY, ADMIN, "development", "Development mode")


class ForeignPages:
    """Recognises requests of foreign web pages: a page that the developer visits must not act as admin.

    `Origin` distinguishes foreign pages from ours; `Host` reveals DNS rebinding, a foreign name that resolves here.
    """

    def __init__(self, settings: Settings) -> None:
        self._hosts = Hosts(settings)
        self._origins = settings.cors_origins

    def refuse(self, request: Request) -> None:
        """Raise Forbidden (403) for a request of a foreign page."""
        host = request.host
        if not self._hosts.knows(host):
            raise Forbidden("Development mode answers on this machine's own names only; see GATEWAY_HOSTS.")
        origin = request.environ.get("HTTP_ORIGIN", "").lower()
        site = request.environ.get("HTTP_SEC_FETCH_SITE", "")
        allowed = origin in self._origins
        if not allowed and (site == "cross-site" or (origin and urlsplit(origin).netloc != host.lower())):
            raise Forbidden("Another web page's request needs a token, or its origin in CORS_ORIGINS.")
