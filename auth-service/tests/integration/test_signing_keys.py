"""The keys of access tokens, on a real database: made once, replaced in time, sealed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from auth_service.usecases.signing_keys import SigningKeys
from outbound_kit.sealing import CannotUnseal, Sealer
from service_kit.database.engine import Database
from service_kit.identity import ADMIN, Caller
from service_kit.testing.access_tokens import TokenReader
from sqlalchemy.exc import OperationalError

from ..conftest import People, Rows

SECRET, OTHER_SECRET = b"s" * 32, b"t" * 32
ADA = Caller(1, ADMIN, "user:7", "Ada", session="s")


def keys(database: Database, secret: bytes = SECRET) -> SigningKeys:
    return SigningKeys(database, secret, "smart-ticket")


def test_replicas_that_start_at_once_make_one_key(database: Database, rows: Rows) -> None:
    replicas = [keys(database) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        published = list(pool.map(lambda replica: replica.published(), replicas))
    assert all(each == published[0] for each in published)
    assert len(published[0]["keys"]) == 1
    assert rows("select count(*) from signing_keys") == [(1,)]
    verifier = TokenReader("smart-ticket", published[0])
    assert all(verifier.verify(replica.sign(ADA)).caller == ADA for replica in replicas)


def test_a_successor_is_published_a_day_before_and_the_old_key_a_day_after(database: Database, rows: Rows) -> None:
    token = keys(database).sign(ADA)
    rows(
        "update signing_keys set retires_at = now() + interval '23 hours', expires_at = now() + interval '47 hours'"
        " returning kid"
    )
    both = keys(database).published()
    assert len(both["keys"]) == 2
    assert TokenReader("smart-ticket", both).verify(keys(database).sign(ADA)).caller == ADA
    ((first,), (second,)) = rows("select kid from signing_keys order by signs_from")
    assert both["keys"][0]["kid"] == first
    # A day later.
    rows(
        "update signing_keys set signs_from = signs_from - interval '1 day', retires_at = retires_at - interval '1 day'"
        ", expires_at = expires_at - interval '1 day' returning kid"
    )
    later = keys(database)
    assert {each["kid"] for each in later.published()["keys"]} == {first, second}
    verifier = TokenReader("smart-ticket", {"keys": [each for each in both["keys"] if each["kid"] == second]})
    assert verifier.verify(later.sign(ADA)).caller == ADA
    assert TokenReader("smart-ticket", later.published()).verify(token).caller == ADA
    # And another day later the old key is gone.
    rows("update signing_keys set expires_at = now() where kid = %s returning kid", first)
    assert [each["kid"] for each in keys(database).published()["keys"]] == [second]


def test_the_private_part_is_sealed(database: Database, rows: Rows) -> None:
    made = keys(database)
    made.sign(ADA)
    ((kid, sealed, public),) = rows("select kid, private_sealed, public_jwk from signing_keys")
    assert "d" not in public
    assert b'"d"' not in bytes(sealed)
    assert b'"d"' in Sealer(SECRET).unseal(bytes(sealed), f"signing key {kid}")
    for sealer, purpose in ((Sealer(OTHER_SECRET), f"signing key {kid}"), (Sealer(SECRET), "other")):
        with pytest.raises(CannotUnseal):
            sealer.unseal(bytes(sealed), purpose)


def test_with_another_secret_a_new_key_signs_and_the_old_ones_still_verify(database: Database) -> None:
    token = keys(database).sign(ADA)
    changed = keys(database, OTHER_SECRET)
    verifier = TokenReader("smart-ticket", changed.published())
    assert verifier.verify(token).caller == verifier.verify(changed.sign(ADA)).caller == ADA
    assert len(changed.published()["keys"]) == 2


def test_keys_are_published_to_everybody_and_may_be_cached(people: People) -> None:
    answer = people.app.test_client().get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    (key,) = answer.json["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_signing_goes_on_while_the_database_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made = keys(database)
    made.sign(ADA)
    published = made.published()

    def away(*_companies: int) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(database, "session", away)
    monkeypatch.setattr("auth_service.usecases.signing_keys.RELOAD_SECONDS", -1.0)
    assert TokenReader("smart-ticket", published).verify(made.sign(ADA)).caller == ADA
    with pytest.raises(OperationalError):
        keys(database).sign(ADA)
