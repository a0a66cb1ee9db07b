"""The settings of auth-service: a secret of its own outside development mode."""

import base64

import pytest
from auth_service.settings import DEVELOPMENT_SECRET, MAX_PARALLEL_HASHES, Settings, read_settings
from service_kit.settings import BadSettings

SECRET = base64.b64encode(bytes(range(32))).decode()
SEED = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "SMARTTICKET_ENV": "production",
    "DB_PASSWORD": "a-password-of-its-own",
    "RABBITMQ_PASSWORD": "another-of-its-own",
    "INTERNAL_SIGNING_KEY": SEED,
    "INTERNAL_TRUSTED_KEYS": f"api-gateway:{SEED}",
}


def faults(**given: str) -> str:
    with pytest.raises(BadSettings) as caught:
        read_settings(PRODUCTION | given)
    return "; ".join(caught.value.faults)


def test_production_needs_a_secret_of_its_own() -> None:
    settings = read_settings(PRODUCTION | {"AUTH_KEY_SECRET": SECRET})
    assert settings.key_secret == bytes(range(32))
    assert "AUTH_KEY_SECRET must hold" in faults()
    assert "development mode's" in faults(AUTH_KEY_SECRET=DEVELOPMENT_SECRET.decode())
    for bad in ("short", base64.b64encode(b"x" * 31).decode(), base64.b64encode(b"x" * 33).decode(), "é"):
        assert "AUTH_KEY_SECRET must be the base64 of 32 bytes" in faults(AUTH_KEY_SECRET=bad)


def test_development_mode_has_a_secret_that_no_log_shows() -> None:
    settings: Settings = read_settings({"SMARTTICKET_ENV": "development"})
    assert len(settings.key_secret) == 32
    assert str(settings.key_secret) not in repr(settings)
    assert settings.issuer == "smart-ticket"
    assert 1 <= settings.parallel_hashes <= MAX_PARALLEL_HASHES


def test_the_public_address_is_the_issuer_without_a_slash_at_its_end() -> None:
    settings = read_settings({"SMARTTICKET_ENV": "development", "PUBLIC_URL": "https://desk.example/"})
    assert settings.issuer == "https://desk.example"
    assert "PUBLIC_URL" in faults(PUBLIC_URL="https://" + "d" * 300, AUTH_KEY_SECRET=SECRET)
