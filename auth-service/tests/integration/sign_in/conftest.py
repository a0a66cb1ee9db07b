"""A desk at https://desk.example, its company Acme, a provider, and browsers that sign in by it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from auth_service.service import SERVICE
from auth_service.settings import Settings
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from service_kit.testing.postgres import ServiceDatabase

from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key

from ...conftest import Api, People, cheap_hashes

PUBLIC_URL = "https://desk.example"
INSIDE = re.compile(r"127\.0\.0\.1|Traceback|sqlalchemy|joserfc|/src/|certs|kid|nonce|secret", re.IGNORECASE)
Connect = Callable[..., Any]
NewProvider = Callable[..., Provider]


class Desk(People):
    """The service as people see it, at a public address."""

    def __init__(self, app: Flask, admin: Api) -> None:
        super().__init__(app)
        self.admin = admin

    def verifier(self) -> Any:
        """Return a verifier with the published keys, of this desk's issuer."""
        from service_kit.testing.access_tokens import TokenReader

        return TokenReader(PUBLIC_URL, self.app.test_client().get("/.well-known/jwks.json").json)

    def users(self) -> dict[str, Any]:
        """Return the company's users by address."""
        return {user["email"]: user for user in self.admin.every("/api/users")}


@dataclass
class Browser:
    """A browser with cookies of its own."""

    desk: Desk
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.desk.app.test_client()

    def start(self, connection: Any, query: str = "") -> Any:
        """Open the address at which people sign in."""
        return self.client.get(f"{connection['sign_in_path']}{query}")

    def call_back(self, connection: Any, query: dict[str, str]) -> Any:
        """Come back from the provider."""
        return self.client.get(connection["redirect_uri"].removeprefix(PUBLIC_URL), query_string=query)

    def at_provider(self, connection: Any, provider: Provider, query: str = "") -> dict[str, str]:
        """Start, sign in at the provider and return what the browser brings back."""
        started = self.start(connection, query)
        assert started.status_code == 303, started.text
        return provider.authorize(started.headers["Location"])

    def come_back(self, connection: Any, provider: Provider, query: str = "") -> Any:
        """Start, sign in at the provider and come back; return the answer to the callback."""
        return self.call_back(connection, self.at_provider(connection, provider, query))

    def exchange(self, code: Any) -> Any:
        """Exchange a code for tokens."""
        return self.client.post("/api/auth/sso/exchange", json={"code": code})

    def sign_in(self, connection: Any, provider: Provider) -> Any:
        """Sign in and return the tokens."""
        back = self.come_back(connection, provider)
        assert back.status_code == 200, back.text
        answer = self.exchange(back.json["sign_in_code"])
        assert answer.status_code == 200, answer.text
        return answer.json


def refused(response: Any, status: int, code: str) -> None:
    """Assert that an answer is this error, and that it shows nothing of the inside."""
    assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert not INSIDE.search(response.json["detail"]), response.text
    assert response.json["detail"].endswith(".")


@pytest.fixture(scope="session")
def sso_app(made: ServiceDatabase) -> Iterator[Flask]:
    """The service at its public address. In development mode, so that the provider may stand on this machine."""
    settings: Settings = SERVICE.read_settings(
        {
            "SMARTTICKET_ENV": "development",
            "DATABASE_URL": made.url,
            "RELAY_DATABASE_URL": made.relay_url,
            "PUBLIC_URL": PUBLIC_URL,
            "SSO_DEADLINE_SECONDS": "3",
            "SSO_MAX_ANSWER_KB": "256",
        }
    )
    with cheap_hashes():
        process = SERVICE.instance(settings)
    yield process.create_app()
    process.close()


@pytest.fixture
def desk(sso_app: Flask, made: ServiceDatabase) -> Desk:
    """An empty service with Ada's company."""
    made.clean()
    people = Desk(sso_app, Api(sso_app.test_client()))
    people.found()
    people.admin = people.as_caller(people.log_in().json["access_token"])
    return people


@pytest.fixture
def browser(desk: Desk) -> Browser:
    """A browser."""
    return Browser(desk)


@pytest.fixture(scope="session")
def key() -> RSAKey:
    """The key by which providers sign."""
    made = new_key("k1")
    assert isinstance(made, RSAKey)
    return made


@pytest.fixture
def new_provider(key: RSAKey) -> Iterator[NewProvider]:
    """Give a function that starts a provider where Ben signs in."""
    made = []

    def start(**options: Any) -> Provider:
        ben = {"email": "ben@acme.example", "email_verified": True, "name": "Ben Bell"}
        made.append(Provider(**{"key": key, "person": ben, **options}))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def provider(new_provider: NewProvider) -> Provider:
    """A provider where Ben signs in."""
    return new_provider()


@pytest.fixture
def connect(desk: Desk) -> Connect:
    """Give a function that connects Acme to a provider."""

    def add(provider: Provider, **more: Any) -> Any:
        body = {"name": "Company login", "issuer": provider.issuer, "client_id": CLIENT_ID, "domains": ["acme.example"]}
        secret = {} if provider.secret is None else {"client_secret": CLIENT_SECRET}
        answer = desk.admin.call("POST", "/api/sso/connections", {**body, **secret, **more})
        assert answer.status_code == 201, answer.text
        return answer.json

    return add


@pytest.fixture
def connection(connect: Connect, provider: Provider) -> Any:
    """Acme's connection to that provider."""
    return connect(provider)
