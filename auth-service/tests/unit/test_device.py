"""Device tokens."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from auth_service.domain.device import DeviceTokens

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TOKENS = DeviceTokens(b"k" * 32)
NAME, OTHER = b"n" * 32, b"m" * 32


def test_a_token_names_its_device_for_ninety_days() -> None:
    token = TOKENS.make(NAME, NOW)
    device = TOKENS.read(token, NAME, NOW)
    assert device is not None
    assert len(device) == 16
    assert TOKENS.read(token, NAME, NOW + timedelta(days=89, hours=23)) == device
    assert TOKENS.read(token, NAME, NOW + timedelta(days=90)) is None


def test_a_renewed_token_names_the_same_device_for_longer() -> None:
    first = TOKENS.make(NAME, NOW)
    later = NOW + timedelta(days=80)
    device = TOKENS.read(first, NAME, later)
    renewed = TOKENS.make(NAME, later, device=device)
    assert TOKENS.read(renewed, NAME, NOW + timedelta(days=100)) == device


def test_two_devices_have_different_ids() -> None:
    devices = {TOKENS.read(TOKENS.make(NAME, NOW), NAME, NOW) for _ in range(100)}
    assert len(devices) == 100


def test_a_token_of_another_person_or_installation_is_worth_nothing() -> None:
    token = TOKENS.make(NAME, NOW)
    assert TOKENS.read(token, OTHER, NOW) is None
    assert DeviceTokens(b"l" * 32).read(token, NAME, NOW) is None


def test_no_changed_character_goes_unnoticed() -> None:
    token = TOKENS.make(NAME, NOW)
    for position in range(len(token) - 1):
        replacement = "A" if token[position] != "A" else "B"
        changed = token[:position] + replacement + token[position + 1 :]
        assert TOKENS.read(changed, NAME, NOW) is None, position


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "std_",
        "std_" + "A" * 71,
        "std_" + "A" * 72,
        "std_" + "🐘" * 71,
        "std_" + "=" * 71,
        pytest.param("x" * 1_000_000, id="1 MB"),
    ],
)
def test_malformed_tokens_name_no_device(token: str | None) -> None:
    assert TOKENS.read(token, NAME, NOW) is None


def test_an_expiry_of_ones_own_is_not_authentic() -> None:
    raw = base64.urlsafe_b64decode(TOKENS.make(NAME, NOW)[4:] + "=")
    forged = raw[:16] + b"\xff" * 5 + raw[21:]
    token = "std_" + base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
    assert TOKENS.read(token, NAME, NOW) is None
