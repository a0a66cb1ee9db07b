"""Begin a sign-in by a provider: in this browser, with values that nobody can guess and that work once."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from service_kit.database.engine import Database

from auth_service.adapters.providers import Providers, authorization_url
from auth_service.domain.opaque_token import new_token, token_hash
from auth_service.domain.sign_in import ATTEMPT_LIFETIME, NoPublicUrl
from auth_service.domain.sso_connection import Connection, ConnectionNotFound
from auth_service.store import sign_ins, sso_connections
from auth_service.store.sign_ins import Attempt

STATE = "sts_"
BROWSER = "stb_"


@dataclass(frozen=True)
class Started:
    """A sign-in that the browser continues at the provider's page; the cookie binds it to this browser."""

    url: str
    cookie: str


@dataclass(frozen=True)
class PublicAddress:
    """The addresses of this installation, from its settings alone: no header of a request reaches them."""

    public_url: str

    def redirect_uri(self, connection_id: UUID) -> str | None:
        """Return the address to which a provider sends people back, None without PUBLIC_URL.

        Each connection has its own, so that an answer of one provider can't pass for another's.
        """
        if not self.public_url.startswith(("https://", "http://")):
            return None
        return f"{self.public_url}/api/auth/sso/{connection_id}/callback"


@dataclass(frozen=True)
class SignInStart:
    """Begins sign-ins."""

    database: Database
    providers: Providers
    public_address: PublicAddress

    def start(
        self, connection_id: UUID, return_to: str | None, *, company_id: int | None = None, user_id: int | None = None
    ) -> Started:
        """Begin a sign-in; `company_id` and `user_id` are those of a person who links an identity to the account.

        Raises ConnectionNotFound, NoPublicUrl, ProviderUnavailable, ProviderFaulty. Call it outside transactions.
        """
        connection = find_connection(self.database, connection_id)
        if company_id is not None and connection.company_id != company_id:
            raise ConnectionNotFound
        redirect_uri = self.public_address.redirect_uri(connection_id)
        if redirect_uri is None:
            raise NoPublicUrl
        endpoints = self.providers.endpoints(connection.issuer, self.providers.deadline())
        state, browser = new_token(STATE), new_token(BROWSER)
        with self.database.session(connection.company_id) as session, session.begin():
            sign_ins.add(
                session,
                connection.company_id,
                connection_id,
                state_hash=token_hash(state),
                browser_hash=token_hash(browser),
                attempt=Attempt(user_id, return_to),
                lifetime=ATTEMPT_LIFETIME,
            )
        url = authorization_url(
            endpoints,
            connection.client_id,
            redirect_uri=redirect_uri,
            scopes=connection.scopes,
            state=state,
            nonce=derived("nonce", state, browser),
            verifier=derived("verifier", state, browser),
        )
        return Started(url, browser)


def find_connection(database: Database, connection_id: UUID) -> Connection:
    """Return an active connection of any company; raise ConnectionNotFound."""
    with database.session() as session:
        company_id = sso_connections.find_company(session, connection_id)
    if company_id is None:
        raise ConnectionNotFound
    with database.session(company_id) as session:
        found = sso_connections.find(session, company_id, connection_id)
    if found is None or not found.is_active:
        raise ConnectionNotFound
    return found


def derived(purpose: str, state: str, browser: str) -> str:
    """Return the nonce or the code verifier of a sign-in: 256 bits that only its browser's cookie gives again."""
    digest = hmac.digest(browser.encode(), f"{purpose} {state}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
