"""Responses of the server to requests that it refuses, as RFC 9457 problems."""

import json
import uuid
from http import HTTPStatus

_CODES = {
    400: "bad_request",
    408: "request_timeout",
    413: "too_large",
    414: "uri_too_long",
    417: "expectation_failed",
    431: "headers_too_large",
    500: "internal_error",
    501: "not_implemented",
    503: "unavailable",
    505: "http_version_not_supported",
}
RETRY_AFTER_SECONDS = 5
SECURITY_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
"""The headers of every response that sets no others: what browsers may do with it."""


class Refusal(Exception):
    """The request can't be served. `status` is the response's status, `detail` one sentence for people."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail

    def content(self) -> tuple[list[tuple[str, str]], bytes]:
        """Return the response's headers and body."""
        request_id, code = str(uuid.uuid4()), _CODES.get(self.status, "bad_request")
        body = {
            "type": f"/problems/{code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": code,
            "detail": self.detail,
            "request_id": request_id,
        }
        data = json.dumps(body).encode()
        headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(data)))]
        headers += [("X-Request-ID", request_id), *SECURITY_HEADERS]
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append(("Retry-After", str(RETRY_AFTER_SECONDS)))
        return headers, data
