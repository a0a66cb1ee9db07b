"""Add, change, check and delete a company's connections to OpenID providers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from outbound_kit.sealing import CannotUnseal, Sealer
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.adapters.providers import Providers
from auth_service.domain import sso_connection as rules
from auth_service.domain.sso_connection import MAX_CONNECTIONS, Connection, ConnectionNotFound, TooManyConnections
from auth_service.store import sessions, sso_connections
from auth_service.usecases.change_companies import lock_company

SECRET = "client_secret"  # noqa: S105 - a field's name


@dataclass(frozen=True)
class Connections:
    """The connections of companies. Their client secrets are sealed, and no answer shows one."""

    database: Database
    sealer: Sealer
    providers: Providers
    development: bool

    def get(self, session: Session, company_id: int, connection_id: UUID) -> Connection:
        """Return a company's connection; raise ConnectionNotFound."""
        found = sso_connections.find(session, company_id, connection_id)
        if found is None:
            raise ConnectionNotFound
        return found

    def add(
        self,
        session: Session,
        company_id: int,
        new: Mapping[str, Any],
        *,
        cause: Cause,
        idempotency_key: IdempotencyKey[Connection],
    ) -> Connection:
        """Add a connection. Raises BadConnection, TooManyConnections, and Replayed for a repeated Idempotency-Key."""
        connection_id = uuid4()
        with session.begin():
            idempotency_key.claim(session)
            lock_company(session, company_id, cause)
            now = sessions.now(session)
            made = Connection(
                company_id=company_id,
                id=connection_id,
                number=0,
                client_secret_sealed=self._sealed(connection_id, new.get(SECRET)),
                revision=1,
                created_at=now,
                updated_at=now,
                **{name: value for name, value in new.items() if name != SECRET},
            )
            rules.check(made, None, secret_given=True, development=self.development)
            if sso_connections.count(session, company_id) >= MAX_CONNECTIONS:
                raise TooManyConnections
            added = sso_connections.add(session, made)
            idempotency_key.store(session, added)
        return added

    def change(
        self,
        session: Session,
        company_id: int,
        connection_id: UUID,
        change: Mapping[str, Any],
        *,
        precondition: Precondition[Connection],
        cause: Cause,
    ) -> Connection:
        """Change a connection. Raises ConnectionNotFound, PreconditionFailed, BadConnection."""
        with session.begin():
            lock_company(session, company_id, cause)
            before = self.get(session, company_id, connection_id)
            precondition.check(before)
            after = replace(before, **{name: value for name, value in change.items() if name != SECRET})
            if SECRET in change:
                after = replace(after, client_secret_sealed=self._sealed(connection_id, change[SECRET]))
            if after == before:
                return before
            rules.check(after, before, secret_given=SECRET in change, development=self.development)
            return sso_connections.change(session, after)

    def remove(
        self,
        session: Session,
        company_id: int,
        connection_id: UUID,
        *,
        precondition: Precondition[Connection],
        cause: Cause,
    ) -> None:
        """Delete a connection; the identities of people stay. Raises ConnectionNotFound, PreconditionFailed."""
        with session.begin():
            lock_company(session, company_id, cause)
            precondition.check(self.get(session, company_id, connection_id))
            sso_connections.remove(session, company_id, connection_id)

    def check(self, company_id: int, connection_id: UUID) -> None:
        """Ask the provider of a connection for its endpoints and keys.

        Raises ConnectionNotFound, ProviderUnavailable, ProviderFaulty. Call it outside transactions.
        """
        with self.database.session(company_id) as session:
            issuer = self.get(session, company_id, connection_id).issuer
        self.providers.check(issuer, self.providers.deadline())

    def secret(self, connection: Connection) -> str | None:
        """Return a connection's client secret, None for a client without one; raise CannotUnseal."""
        sealed = connection.client_secret_sealed
        return None if sealed is None else self.sealer.unseal(sealed, _purpose(connection.id)).decode()

    def readable(self, connection: Connection) -> bool:
        """Return whether the secret was sealed by the AUTH_KEY_SECRET of now, or there is none."""
        try:
            self.secret(connection)
        except CannotUnseal:
            return False
        return True

    def _sealed(self, connection_id: UUID, secret: str | None) -> bytes | None:
        return None if secret is None else self.sealer.seal(secret.encode(), _purpose(connection_id))


def _purpose(connection_id: UUID) -> str:
    return f"client secret {connection_id}"
