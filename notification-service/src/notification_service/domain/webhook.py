"""A company's webhook: an address that hears of events, and what may stand in one."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from notification_service.domain.hosts import NOT_PUBLIC, may_be_called

MAX_URL_CHARACTERS = 500
MAX_DESCRIPTION_CHARACTERS = 200
MAX_HEADERS = 10
MAX_HEADER_CHARACTERS = 1_000
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?\Z")
_RESERVED = re.compile(
    r"host|content-.*|webhook-.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|accept"
    r"|accept-encoding|user-agent"
)
"""Headers that belong to the message, to the connection or to its framing; a company can't choose them."""


class WebhookNotFound(Exception):
    """The company has no such webhook."""

    def __init__(self, webhook_id: int) -> None:
        super().__init__(f"there is no webhook {webhook_id}")


class TooManyWebhooks(Exception):
    """The company has reached the limit of webhooks."""


class WebhookInactive(Exception):
    """The webhook is switched off, so that nothing is sent to it."""

    def __init__(self, webhook_id: int) -> None:
        super().__init__(f"webhook {webhook_id} is not active")


class BadWebhook(Exception):
    """A webhook can't be stored like that; `errors` names the field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.errors = [{"field": field, "message": message}]


@dataclass(frozen=True)
class Webhook:
    """A webhook without its secrets. `failing_since` is the first failure after the last success."""

    company_id: int
    id: int
    url: str
    description: str
    events: tuple[str, ...]
    header_names: tuple[str, ...]
    is_active: bool
    disabled_reason: str
    failing_since: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class UrlRules:
    """Which addresses the operator lets companies enter."""

    ports: Collection[int] | None
    """None permits every port."""
    permit: Callable[[str], bool]
    """Tells whether a numeric address may be called; names are resolved and checked at each delivery."""

    def check(self, url: str) -> None:
        """Raise BadWebhook for an address that can't be called."""
        fault = self._fault(url)
        if fault is not None:
            raise BadWebhook("url", fault)

    def _fault(self, url: str) -> str | None:
        if not re.fullmatch(r"[!-~]+", url) or "\\" in url:
            return "Not an address: only visible ASCII characters, no backslash."
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return "Not an address."
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "#" in url:
            return "Must be http(s)://host/…, without a name, a password or a fragment."
        port = (443 if parts.scheme == "https" else 80) if port is None else port
        if self.ports is not None and port not in self.ports:
            return f"The port must be one of {', '.join(str(each) for each in sorted(self.ports))}."
        return None if may_be_called(host, self.permit) else NOT_PUBLIC


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise BadWebhook for headers that a company can't choose or that can't be sent."""
    if len(headers) > MAX_HEADERS:
        raise BadWebhook("headers", f"At most {MAX_HEADERS} headers.")
    if len({name.lower() for name in headers}) < len(headers):
        raise BadWebhook("headers", "A header is named twice.")
    for name, value in headers.items():
        if not _HEADER_NAME.match(name):
            raise BadWebhook("headers", "A name is no name of a header.")
        if _RESERVED.fullmatch(name.lower()):
            raise BadWebhook(f"headers.{name}", "This header is set by the sender.")
        if len(value) > MAX_HEADER_CHARACTERS or not _HEADER_VALUE.match(value):
            raise BadWebhook(
                f"headers.{name}", f"Must be 1 to {MAX_HEADER_CHARACTERS} visible ASCII characters on one line."
            )
