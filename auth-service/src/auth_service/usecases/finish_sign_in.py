"""Finish a sign-in when the browser comes back from the provider: verify the answer, find the account, make a code."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outbound_kit.sealing import CannotUnseal
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from auth_service.adapters.id_tokens import Expected
from auth_service.adapters.provider_http import ProviderFaulty
from auth_service.adapters.providers import Client, Providers
from auth_service.domain.opaque_token import is_token, new_token, token_hash
from auth_service.domain.sign_in import (
    CODE_LIFETIME,
    Address,
    NotVerified,
    Person,
    ProviderRefused,
    SignInExpired,
    SignInRefused,
    person,
)
from auth_service.domain.sso_connection import Connection, ProvingProviders
from auth_service.domain.user import User
from auth_service.store import sign_ins
from auth_service.store.sign_ins import Attempt
from auth_service.usecases.accept_person import accept, link
from auth_service.usecases.sso_connections import Connections
from auth_service.usecases.start_sign_in import BROWSER, STATE, PublicAddress, derived, find_connection

CODE = "stx_"
MAX_CODE_CHARACTERS = 4096

log = get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """The parameters that a browser brings back from a provider; none of them is trusted."""

    state: str | None
    code: str | None
    error: str | None
    issuer: str | None
    """The provider's issuer, where it sends one (RFC 9207)."""


@dataclass(frozen=True)
class Finished:
    """A finished sign-in: a code for tokens, or none where an identity was linked to an account."""

    code: str | None
    expires_at: datetime | None
    return_to: str | None


@dataclass(frozen=True)
class SignInFinish:
    """Finishes sign-ins. The provider is asked between two transactions, never within one."""

    database: Database
    providers: Providers
    connections: Connections
    public_address: PublicAddress
    proving: ProvingProviders

    def finish(
        self,
        connection_id: UUID,
        answer: Answer,
        browser: str | None,
        address_of: Callable[[str], Address | None],
        cause: Cause,
    ) -> Finished:
        """Finish a sign-in of the browser with that cookie.

        `address_of` returns a valid address, None for a text that is none. Raises ConnectionNotFound, SignInExpired,
        ProviderRefused, NotVerified, SignInRefused, ProviderUnavailable, ProviderFaulty.
        """
        connection = find_connection(self.database, connection_id)
        if browser is None or not is_token(browser, BROWSER) or not is_token(answer.state or "", STATE):
            raise SignInExpired
        state = answer.state or ""
        attempt = self._use(connection, state, browser)
        claimed = self._ask(connection, answer, state, browser)
        found = person(connection, claimed)
        return self._accept(connection, attempt, found, browser, address_of, cause)

    def _use(self, connection: Connection, state: str, browser: str) -> Attempt:
        with self.database.session(connection.company_id) as session, session.begin():
            attempt = sign_ins.use(
                session,
                connection.company_id,
                connection.id,
                state_hash=token_hash(state),
                browser_hash=token_hash(browser),
            )
        if attempt is None:
            raise SignInExpired
        return attempt

    def _ask(self, connection: Connection, answer: Answer, state: str, browser: str) -> dict[str, object]:
        """Return the verified claims about the person."""
        until = self.providers.deadline()
        endpoints = self.providers.endpoints(connection.issuer, until)
        # Another provider's answer (mix-up, RFC 9207) must not be sent to this one.
        if (answer.issuer is not None or endpoints.names_issuer) and not hmac.compare_digest(
            (answer.issuer or "").encode(), connection.issuer.encode()
        ):
            raise NotVerified("the answer is another issuer's")
        if answer.error is not None or not answer.code:
            log.info("sign-in refused by provider", connection=str(connection.id), error=(answer.error or "")[:100])
            raise ProviderRefused
        if len(answer.code) > MAX_CODE_CHARACTERS:
            raise NotVerified("the code is too long")
        redirect_uri = self.public_address.redirect_uri(connection.id)
        assert redirect_uri is not None
        try:
            secret = self.connections.secret(connection)
        except CannotUnseal as error:
            raise ProviderFaulty("the client secret must be entered again: AUTH_KEY_SECRET has changed") from error
        client = Client(connection.issuer, connection.client_id, secret)
        tokens = self.providers.redeem(client, answer.code, derived("verifier", state, browser), redirect_uri, until)
        access_token = tokens.get("access_token")
        expected = Expected(
            issuer=connection.issuer,
            client_id=connection.client_id,
            nonce=derived("nonce", state, browser),
            access_token=access_token if isinstance(access_token, str) else None,
        )
        return self.providers.claims(tokens.get("id_token"), expected, until)

    def _accept(
        self,
        connection: Connection,
        attempt: Attempt,
        found: Person,
        browser: str,
        address_of: Callable[[str], Address | None],
        cause: Cause,
    ) -> Finished:
        address = None if found.email is None else address_of(found.email)
        company_id = connection.company_id
        try:
            with self.database.session(company_id) as session, session.begin():
                if attempt.user_id is not None:
                    link(session, company_id, attempt.user_id, found, cause)
                    return Finished(None, None, attempt.return_to)
                is_proving = self.proving.prove(connection)
                user = accept(session, connection, found, address, cause, is_proving=is_proving)
                return self._code(session, user, browser, attempt.return_to)
        except SignInRefused as error:
            log.info("sign-in refused", connection=str(connection.id), company_id=company_id, reason=str(error))
            raise

    def _code(self, session: Session, user: User, browser: str, return_to: str | None) -> Finished:
        code = new_token(CODE)
        expires_at = sign_ins.add_code(
            session,
            user.company_id,
            user.id,
            code_hash=token_hash(code),
            browser_hash=token_hash(browser),
            lifetime=CODE_LIFETIME,
        )
        return Finished(code, expires_at, return_to)
