"""Signatures by Standard Webhooks 1.0.0."""

import base64

import pytest
from notification_service.domain.signing import key_of, secret_of, sign, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')


def test_the_published_vector_is_signed() -> None:
    assert sign(key_of(SECRET), *MESSAGE) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_rotated_both_sign() -> None:
    other = b"x" * 32
    headers = signed_headers([other, key_of(SECRET)], *MESSAGE)
    assert headers["webhook-signature"].split(" ") == [sign(other, *MESSAGE), sign(key_of(SECRET), *MESSAGE)]
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (MESSAGE[0], "1614265330")


@pytest.mark.parametrize("change", ["id", "time", "body", "key"])
def test_a_signature_is_about_the_id_the_time_and_the_body(change: str) -> None:
    message_id, seconds, body = MESSAGE
    key = key_of(SECRET)
    changed = {
        "id": (key, message_id + "x", seconds, body),
        "time": (key, message_id, seconds + 1, body),
        "body": (key, message_id, seconds, body + b" "),
        "key": (key + b"x", message_id, seconds, body),
    }
    assert sign(*changed[change]) != sign(key, *MESSAGE)


def test_a_secret_is_its_key_in_base64() -> None:
    key = bytes(range(32))
    assert key_of(secret_of(key)) == key
    assert secret_of(key) == "whsec_" + base64.b64encode(key).decode()
    with pytest.raises(ValueError):
        key_of("whsec_no base64!")
