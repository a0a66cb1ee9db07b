"""Sends requests to a service's app in the test's process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service_kit.identity import ADMIN, HEADER, Caller, TokenSigner
from service_kit.service_settings import GATEWAY, development_signing_key

_SIGNER = TokenSigner(GATEWAY, development_signing_key(GATEWAY))


@dataclass
class Calls:
    """One caller of a service, with a token from development mode's gateway; a subclass sets `name`."""

    name: ClassVar[str]

    client: FlaskClient
    company: int = 1
    role: str = ADMIN
    subject: str = "7"
    headers: dict[str, str] = field(default_factory=dict)
    session: str = ""
    address: str = ""
    email: str = ""
    api_key: str = ""
    api_key_name: str = ""
    scopes: frozenset[str] | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request. A body of text or bytes is sent unchanged, any other as JSON.

        Underscores in header names become hyphens.
        """
        content: dict[str, Any] = {"data": body} if isinstance(body, bytes | str) else {"json": body}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(method, path, sent, **({} if body is None else content))

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, **content: Any) -> TestResponse:
        """Send a request; `content` holds arguments of werkzeug's test client."""
        caller = Caller(
            self.company,
            self.role,
            self.subject,
            "Somebody",
            session=self.session,
            address=self.address,
            email=self.email,
            scopes=self.scopes,
            api_key=self.api_key,
            api_key_name=self.api_key_name,
        )
        signed = {HEADER: _SIGNER.sign(caller, self.name), **self.headers, **headers}
        return self.client.open(path, method=method, headers=signed, **content)

    def every(self, path: str, key: str = "items") -> list[Any]:
        """Return the rows of all pages of a list; check that `count`, `next` and `Link` agree."""
        rows: list[Any] = []
        while path:
            response = self.call("GET", path)
            assert response.status_code == 200, response.text
            page: Any = response.json
            assert page["count"] == len(page[key])
            rows += page[key]
            link = response.headers.get("Link", "")
            assert bool(link) == (page["next"] is not None)
            path = link.partition(">")[0].lstrip("<")
        return rows

    def get(self, path: str, **headers: str) -> Any:
        """Return the body of a successful GET."""
        response = self.call("GET", path, **headers)
        assert response.status_code == 200, response.text
        return response.json
