"""The signature of a partner's callback, with the published example of Standard Webhooks."""

from datetime import UTC, datetime, timedelta

import pytest
from workflow_service.domain.callback_signature import BadSignature, check, key_of, sign

KEY = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
SENT = 1_614_265_330
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(SENT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
TOLERANCE = timedelta(seconds=300)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(SENT + seconds, UTC)


def checked(seconds: float = 0.0, body: bytes = BODY, key: bytes = KEY, **headers: str) -> None:
    changed = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    check(changed, body, [key], now=at(seconds), tolerance=TOLERANCE)


def test_the_published_example_is_right() -> None:
    assert sign(KEY, HEADERS["webhook-id"], SENT, BODY) == HEADERS["webhook-signature"]
    checked()


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_callback_is_valid_for_some_minutes(seconds: float) -> None:
    checked(seconds)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_copy_of_an_earlier_callback_is_refused(seconds: float) -> None:
    with pytest.raises(BadSignature, match="webhook-timestamp"):
        checked(seconds)


def test_one_of_several_signatures_and_one_of_several_keys_will_do() -> None:
    both = f"v1,AAAA v2,BBBB {HEADERS['webhook-signature']}"
    check(HEADERS | {"webhook-signature": both}, BODY, [b"new", KEY], now=at(0), tolerance=TOLERANCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": ""},
        {"webhook_signature": HEADERS["webhook-signature"].removeprefix("v1,")},
        {"webhook_signature": HEADERS["webhook-signature"][:-4]},
        {"webhook_signature": "v1,ü"},
        {"webhook_timestamp": str(SENT + 1)},
        {"webhook_timestamp": "-1"},
        {"webhook_timestamp": "9" * 400},
        {"webhook_timestamp": "١٢٣"},
        {"webhook_id": "msg_other"},
        {"webhook_id": ""},
        {"webhook_id": "x" * 256},
    ],
)
def test_any_other_header_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        checked(**changes)


def test_another_body_and_another_key_are_refused() -> None:
    with pytest.raises(BadSignature):
        checked(body=BODY + b" ")
    with pytest.raises(BadSignature):
        checked(key=b"another")


def test_a_secret_is_base64_after_its_prefix_and_a_text_without_it() -> None:
    assert key_of("whsec_AAEC") == b"\0\1\2"
    assert key_of("a text of a person") == b"a text of a person"
    with pytest.raises(ValueError, match="ASCII"):
        key_of("whsec_ä")
