"""Make, revoke and verify API keys."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta

from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.identity.api_keys import (
    ALPHABET,
    ID_CHARACTERS,
    PREFIX,
    SECRET_CHARACTERS,
    checksum,
    is_well_formed,
    key_id_of,
)
from sqlalchemy.orm import Session

from auth_service.domain.api_key import (
    ApiKeyNotFound,
    KeyOwner,
    NewApiKey,
    check_number,
    check_scopes,
)
from auth_service.domain.user import UserNotFound
from auth_service.store import api_keys, revocations, users


def new_api_key() -> str:
    """Return a new random key."""
    begin = f"{PREFIX}{_random(ID_CHARACTERS)}_{_random(SECRET_CHARACTERS)}"
    return begin + checksum(begin)


def make_api_key(
    session: Session,
    company_id: int,
    user_id: int,
    *,
    name: str,
    scopes: Collection[str],
    known_scopes: Collection[str],
    days: int,
    idempotency_key: IdempotencyKey[NewApiKey],
) -> NewApiKey:
    """Make a key of a user. Only its hash is stored.

    Raises UserNotFound, UnknownScopes, TooManyApiKeys, and Replayed for a repeated Idempotency-Key.
    """
    checked = check_scopes(scopes, known_scopes)
    key = new_api_key()
    with session.begin():
        idempotency_key.claim(session)
        # One at a time, so that the limit is exact.
        if users.lock(session, company_id, user_id) is None:
            raise UserNotFound
        check_number(api_keys.count(session, company_id, user_id))
        row = api_keys.add(
            session,
            company_id,
            user_id,
            key_id=key_id_of(key),
            secret_hash=_digest(key),
            name=name,
            scopes=checked,
            lifetime=timedelta(days=days),
        )
        made = NewApiKey(row, key)
        idempotency_key.store(session, made)
    return made


def revoke_api_key(session: Session, company_id: int, key_id: str, *, user_id: int | None) -> None:
    """Revoke a valid key of the company, of this user only where one is given; raise ApiKeyNotFound."""
    with session.begin():
        if not api_keys.revoke(session, company_id, key_id, user_id=user_id):
            raise ApiKeyNotFound("there is no such API key")
        revocations.add(session, company_id, revocations.KEY, [key_id])


def verify_api_key(database: Database, key: str) -> KeyOwner:
    """Return the owner of a key; raise ApiKeyNotFound for any key that isn't valid, whatever the reason."""
    not_valid = ApiKeyNotFound("the API key is not valid")
    if not is_well_formed(key):
        raise not_valid
    key_id = key_id_of(key)
    with database.session() as session, session.begin():
        company_id = api_keys.find_company(session, key_id)
    if company_id is None:
        raise not_valid
    with database.session(company_id) as session, session.begin():
        found = api_keys.owner(session, company_id, key_id)
        if found is None or not hmac.compare_digest(found[1], _digest(key)):
            raise not_valid
        api_keys.note_use(session, company_id, key_id)
    return found[0]


def _digest(key: str) -> bytes:
    # A key has 190 random bits: nobody guesses it, so a slow hash would add nothing.
    return hashlib.sha256(key.encode()).digest()


def _random(characters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))
