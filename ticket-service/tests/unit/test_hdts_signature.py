"""Signatures of messages."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticket_service.domain.hdts_signature import BadSignature, check, sign

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SENT = int(NOW.timestamp())
BODY = '[[], {"ticket_data": {"title": "Grüße"}}]'.encode()
SECRETS = ("first-secret", "second-secret")
FUTURE = timedelta(seconds=300)


def headers(secret: str = "first-secret", at: int = SENT, body: bytes = BODY) -> dict[str, Any]:
    return {"x-hdts-timestamp": str(at), "x-hdts-signature": sign(secret, at, body)}


def checked(given: dict[str, Any], secrets: tuple[str, ...] = SECRETS, body: bytes = BODY) -> datetime | None:
    return check(given, body, secrets, now=NOW, max_future=FUTURE)


def test_the_signature_is_what_the_documents_say() -> None:
    message = str(SENT).encode() + b"." + BODY
    assert sign("s", SENT, BODY) == hmac.new(b"s", message, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secret", SECRETS)
def test_either_secret_will_do(secret: str) -> None:
    assert checked(headers(secret)) == NOW
    assert checked(headers(secret) | {"x-hdts-timestamp": SENT}) == NOW, "a number"
    upper = headers(secret)["x-hdts-signature"].upper()
    assert checked(headers(secret) | {"x-hdts-signature": upper.encode()}) == NOW, "bytes"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"x-hdts-signature": None}, "x-hdts-signature"),
        ({"x-hdts-signature": ""}, "x-hdts-signature"),
        ({"x-hdts-signature": "0" * 64}, "x-hdts-signature"),
        ({"x-hdts-signature": "ü\ud800"}, "x-hdts-signature"),
        ({"x-hdts-signature": True}, "x-hdts-signature"),
        ({"x-hdts-timestamp": str(SENT + 1)}, "x-hdts-signature"),
        ({"x-hdts-timestamp": None}, "x-hdts-timestamp"),
        ({"x-hdts-timestamp": "now"}, "x-hdts-timestamp"),
        ({"x-hdts-timestamp": "-5"}, "x-hdts-timestamp"),
        ({"x-hdts-timestamp": "²"}, "x-hdts-timestamp"),
        ({"x-hdts-timestamp": "0" * 10_000}, "x-hdts-timestamp"),
        ({"x-hdts-timestamp": "99999999999999999999"}, "x-hdts-timestamp"),
        (headers(at=SENT + 301), "x-hdts-timestamp"),
    ],
)
def test_every_other_message_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(BadSignature, match=f"^{named}: "):
        checked(headers() | changes)


def test_another_body_or_a_secret_of_before_is_refused() -> None:
    with pytest.raises(BadSignature):
        checked(headers(), body=BODY + b" ")
    with pytest.raises(BadSignature):
        checked(headers("first-secret"), secrets=("second-secret",))


def test_a_message_may_have_waited_for_days_but_not_come_from_the_future() -> None:
    assert checked(headers(at=SENT - 1_000_000)) == NOW - timedelta(seconds=1_000_000)
    assert checked(headers(at=SENT + 300)) == NOW + FUTURE


def test_without_a_secret_the_timestamp_alone_counts_where_there_is_one() -> None:
    assert checked({"x-hdts-timestamp": str(SENT)}, secrets=()) == NOW
    for timestamp in (None, "yesterday", "", [1]):
        assert checked({"x-hdts-timestamp": timestamp}, secrets=()) is None
    with pytest.raises(BadSignature):
        checked({"x-hdts-timestamp": str(SENT + 301)}, secrets=())


ANY = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=80) | st.binary(max_size=80) | st.lists(st.integers())
)


@given(ANY, ANY, st.sampled_from([(), SECRETS]))
def test_any_headers_are_accepted_or_refused(timestamp: Any, signature: Any, secrets: tuple[str, ...]) -> None:
    try:
        checked({"x-hdts-timestamp": timestamp, "x-hdts-signature": signature}, secrets)
    except BadSignature:
        return
    assert secrets == ()
