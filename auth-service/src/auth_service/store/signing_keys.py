"""The keys that sign access tokens. They belong to no company."""

from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.signing_key import SigningKey

COLUMNS = "kid, algorithm, public_jwk, private_sealed, signs_from, retires_at, expires_at"
LOCK = "select pg_advisory_xact_lock(hashtext('smartticket signing keys'))"


def lock(session: Session) -> None:
    """Let no other transaction add keys until this one ends."""
    session.execute(text(LOCK))


def unexpired(session: Session) -> list[SigningKey]:
    """Return the keys that verifiers may still need, the first to sign first."""
    query = text(f"select {COLUMNS} from signing_keys where expires_at > clock_timestamp() order by signs_from")  # noqa: S608
    return [_key(row) for row in session.execute(query)]


def add(session: Session, key: SigningKey) -> None:
    """Insert a key and delete the expired ones."""
    session.execute(text("delete from signing_keys where expires_at <= clock_timestamp()"))
    session.execute(
        text(
            "insert into signing_keys (kid, algorithm, public_jwk, private_sealed, signs_from, retires_at, expires_at)"
            " values (:kid, :algorithm, cast(:jwk as jsonb), :private_sealed, :signs_from, :retires_at, :expires_at)"
        ),
        {**vars(key), "jwk": orjson.dumps(key.public_jwk).decode()},
    )


def _key(row: Row[Any]) -> SigningKey:
    values = dict(row._mapping)
    return SigningKey(**values | {"private_sealed": bytes(values["private_sealed"])})
