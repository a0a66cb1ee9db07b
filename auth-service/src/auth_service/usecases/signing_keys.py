"""Sign access tokens, publish the keys that verify them, and replace each key before it retires."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from outbound_kit.sealing import CannotUnseal, Sealer
from service_kit.database.engine import Database
from service_kit.identity import Caller
from service_kit.identity.access_tokens import ALGORITHM
from service_kit.telemetry.logs import get_logger
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import Session

from auth_service.adapters.access_tokens import AccessTokenSigner, new_private_jwk, public_jwk
from auth_service.domain.signing_key import SigningKey, Term, missing_term, signing_key
from auth_service.store import sessions, signing_keys

RELOAD_SECONDS = 60.0
"""Much shorter than the 24 hours for which a key is published before it signs."""

log = get_logger(__name__)


@dataclass(frozen=True)
class _Loaded:
    published: tuple[SigningKey, ...]
    signing: SigningKey
    signer: AccessTokenSigner
    at: float


class SigningKeys:
    """The keys of this installation, shared by all replicas through the database. Their private parts are sealed."""

    def __init__(self, database: Database, secret: bytes, issuer: str) -> None:
        """`secret` seals the private parts; `issuer` names this installation in tokens. Connects to nothing."""
        self._database = database
        self._sealer = Sealer(secret)
        self._issuer = issuer
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()

    def sign(self, caller: Caller) -> str:
        """Return an access token for a person. Never call it inside a transaction: it may read the keys."""
        return self._current().signer.sign(caller)

    def published(self) -> dict[str, Any]:
        """Return the JSON Web Key Set of all keys that verify tokens now or will sign within a day."""
        return {"keys": [dict(key.public_jwk) for key in self._current().published]}

    def _current(self) -> _Loaded:
        with self._lock:
            loaded = self._loaded
            if loaded is not None and time.monotonic() < loaded.at + RELOAD_SECONDS and not _retired(loaded):
                return loaded
            try:
                self._loaded = self._load()
            except (OperationalError, TimeoutError) as error:
                if loaded is None or _retired(loaded):
                    raise
                log.warning("signing keys not reloaded", error=type(error).__name__)
            assert self._loaded is not None
            return self._loaded

    def _load(self) -> _Loaded:
        with self._database.session() as session, session.begin():
            found, now = signing_keys.unexpired(session), sessions.now(session)
            usable = self._usable(found)
            if missing_term(usable, now) is not None:
                signing_keys.lock(session)
                # Read again: another replica may have made the key meanwhile.
                found = signing_keys.unexpired(session)
                usable = self._usable(found)
                term = missing_term(usable, now)
                if term is not None:
                    made = self._make(session, term)
                    found, usable = [*found, made], [*usable, made]
        signing = signing_key(usable, now)
        assert signing is not None
        return _Loaded(tuple(found), signing, self._signer(signing), time.monotonic())

    def _make(self, session: Session, term: Term) -> SigningKey:
        private = new_private_jwk()
        kid = str(private["kid"])
        sealed = self._sealer.seal(orjson.dumps(private), _purpose(kid))
        key = SigningKey(kid, ALGORITHM, public_jwk(private), sealed, **vars(term))
        signing_keys.add(session, key)
        log.info("signing key made", kid=kid, signs_from=term.signs_from.isoformat())
        return key

    def _usable(self, keys: Sequence[SigningKey]) -> list[SigningKey]:
        """Return the keys whose private part this process can read: those of another AUTH_KEY_SECRET only verify."""
        return [key for key in keys if self._private(key) is not None]

    def _private(self, key: SigningKey) -> dict[str, Any] | None:
        try:
            private: dict[str, Any] = orjson.loads(self._sealer.unseal(key.private_sealed, _purpose(key.kid)))
        except CannotUnseal:
            log.warning("signing key sealed with another AUTH_KEY_SECRET", kid=key.kid)
            return None
        return private

    def _signer(self, key: SigningKey) -> AccessTokenSigner:
        private = self._private(key)
        assert private is not None
        return AccessTokenSigner(self._issuer, private)


def _retired(loaded: _Loaded) -> bool:
    return datetime.now(UTC) >= loaded.signing.retires_at


def _purpose(kid: str) -> str:
    return f"signing key {kid}"
