"""Allow-lists of the headers that the gateway forwards, for requests and responses.

No spelling of an identity header (X-User-Id, x_user_id, X-Internal-Token …) passes, because none is listed.
"""

import re
from collections.abc import Iterable, Mapping

MAX_HEADER_BYTES = 16 * 1024

REQUEST_HEADERS = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_ACCEPT": "Accept",
    "HTTP_ACCEPT_LANGUAGE": "Accept-Language",
    "HTTP_IDEMPOTENCY_KEY": "Idempotency-Key",
    "HTTP_IF_MATCH": "If-Match",
    "HTTP_IF_MODIFIED_SINCE": "If-Modified-Since",
    "HTTP_IF_NONE_MATCH": "If-None-Match",
    "HTTP_PREFER": "Prefer",
    "HTTP_USER_AGENT": "User-Agent",
}
"""Request headers that services receive: name in WSGI → name in HTTP."""

RESPONSE_HEADERS = {
    name.lower(): name
    for name in (
        "Allow",
        "Cache-Control",
        "Content-Disposition",
        "Content-Language",
        "Content-Security-Policy",
        "Content-Type",
        "ETag",
        "Idempotency-Replayed",
        "Last-Modified",
        "Link",
        "Location",
        "Preference-Applied",
        "Retry-After",
        "Vary",
    )
}
"""Response headers that clients receive: lower case → name."""


WEBHOOK_HEADERS = {
    "HTTP_AUTHORIZATION": "Authorization",
    "HTTP_WEBHOOK_ID": "webhook-id",
    "HTTP_WEBHOOK_SIGNATURE": "webhook-signature",
    "HTTP_WEBHOOK_TIMESTAMP": "webhook-timestamp",
    "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE": "X-Twilio-Email-Event-Webhook-Signature",
    "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP": "X-Twilio-Email-Event-Webhook-Timestamp",
}
"""Request headers that services receive on the routes of webhooks alone."""


SIGN_IN_COOKIES = ("__Host-smart-ticket-sign-in", "smart-ticket-sign-in")
"""The cookies that bind a sign-in by a provider to its browser; no other cookie passes, and these on few routes."""
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9_-]{1,100}")


def sign_in_cookies(cookie_header: str) -> str:
    """Return the `Cookie` header with nothing but the cookies of a sign-in; empty without one."""
    pairs = (part.strip().partition("=") for part in cookie_header.split(";"))
    return "; ".join(
        f"{name}={value}" for name, _, value in pairs if name in SIGN_IN_COOKIES and _COOKIE_VALUE.fullmatch(value)
    )


def webhook_headers(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by which a program proves itself to a service; other routes never see them."""
    return {name: environ[key] for key, name in WEBHOOK_HEADERS.items() if key in environ}


def sign_in_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the response headers of a sign-in that no other route sends: its cookie, and the provider's address."""
    return [
        (name, value)
        for name, value in headers
        if (name.lower() == "set-cookie" and value.partition("=")[0] in SIGN_IN_COOKIES)
        or (name.lower() == "location" and value.startswith(("https://", "http://")))
    ]


def header_bytes(environ: Mapping[str, object]) -> int:
    """Return the approximate size of the request's headers in bytes."""
    return sum(
        len(name) - 5 + len(value) + 4  # "HTTP_" is WSGI's; ": " and the line's end are the wire's
        for name, value in environ.items()
        if name.startswith("HTTP_") and isinstance(value, str)
    )


def filter_request_headers(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a client's request that a service may see.

    Headers that `Connection` names belong to this connection (RFC 9110, 7.6.1) and are dropped too. The gateway adds
    its own headers afterwards, so a client can't strip them.
    """
    passed = {name: environ[key] for key, name in REQUEST_HEADERS.items() if key in environ}
    connection = environ.get("HTTP_CONNECTION")
    if connection and connection.lower() not in {"keep-alive", "close"}:
        for name in connection.split(","):
            passed.pop(_capitalised(name), None)
    return passed


def filter_response_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of a service's response that the client may see."""
    passed: list[tuple[str, str]] = []
    dropped: set[str] = set()
    for name, value in headers:
        lower = name.lower()
        known = RESPONSE_HEADERS.get(lower)
        if known is not None:
            passed.append((known, value))
        elif lower == "connection":
            dropped |= {part.strip().lower() for part in value.split(",")}
    return [
        (name, value)
        for name, value in passed
        if name.lower() not in dropped and (name != "Location" or _stays_here(value))
    ]


def _stays_here(location: str) -> bool:
    """Return whether a Location is a path of this API; addresses of services are internal."""
    return location.startswith("/") and not location.startswith(("//", "/\\"))


def _capitalised(name: str) -> str:
    folded = name.strip().lower().replace("_", "-")
    return _BY_LOWER.get(folded, "")


_BY_LOWER = {name.lower(): name for name in REQUEST_HEADERS.values()}
