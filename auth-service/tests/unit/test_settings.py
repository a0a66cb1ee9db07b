"""The settings of auth-service: a secret of its own outside development mode."""

import base64
import secrets

import pytest
from auth_service.settings import DEVELOPMENT_SECRET, MAX_PARALLEL_HASHES, Settings, read_settings
from service_kit.settings import BadSettings

SECRET = base64.b64encode(secrets.token_bytes(32)).decode()
SEED = base64.b64encode(secrets.token_bytes(32)).decode()
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
    assert settings.key_secret == base64.b64decode(SECRET)
    for bad in ("", "short", SECRET[:-4], SECRET[:-1], SECRET * 2, "é", "0"):
        assert "AUTH_KEY_SECRET must be the base64 of 32 random bytes; `smart-ticket secrets`" in faults(
            AUTH_KEY_SECRET=bad
        )


@pytest.mark.parametrize("weak", [bytes(32), b"x" * 32, b"password" * 4, bytes(range(32)), bytes(range(64, 0, -2))])
def test_production_refuses_a_secret_that_is_not_random(weak: bytes) -> None:
    assert "AUTH_KEY_SECRET is a default or not random" in faults(AUTH_KEY_SECRET=base64.b64encode(weak).decode())
    assert "AUTH_KEY_SECRET is a default or not random" in faults(AUTH_KEY_SECRET=DEVELOPMENT_SECRET.decode())


@pytest.mark.parametrize(("given", "is_open"), [("", True), ("open", True), ("invitation", False)])
def test_everybody_may_found_a_company_unless_the_operator_says_otherwise(given: str, is_open: bool) -> None:
    settings = read_settings(PRODUCTION | {"AUTH_KEY_SECRET": SECRET, "REGISTRATION": given})
    assert settings.open_registration is is_open
    assert "REGISTRATION must be one of" in faults(AUTH_KEY_SECRET=SECRET, REGISTRATION="closed")


def test_threads_are_left_for_other_requests_while_everybody_signs_in() -> None:
    for threads in (4, 16, 32, 256):
        settings = read_settings({"SMARTTICKET_ENV": "development", "HTTP_THREADS": str(threads)})
        assert 1 <= settings.sign_in_slots <= threads - 2


def test_development_mode_has_a_secret_that_no_log_shows() -> None:
    settings: Settings = read_settings({"SMARTTICKET_ENV": "development"})
    assert len(settings.key_secret) == 32
    assert str(settings.key_secret) not in repr(settings)
    assert settings.issuer == "smart-ticket"
    assert 1 <= settings.parallel_hashes <= MAX_PARALLEL_HASHES


def test_private_networks_for_identity_providers_are_listed() -> None:
    given = {"AUTH_KEY_SECRET": SECRET, "SSO_ALLOWED_NETWORKS": " 10.0.0.0/8, fd00::/8 ,192.168.1.7"}
    networks = [str(network) for network in read_settings(PRODUCTION | given).sso_allowed_networks]
    assert networks == ["10.0.0.0/8", "fd00::/8", "192.168.1.7/32"]
    assert read_settings(PRODUCTION | {"AUTH_KEY_SECRET": SECRET}).sso_allowed_networks == ()
    assert "SSO_ALLOWED_NETWORKS" in faults(AUTH_KEY_SECRET=SECRET, SSO_ALLOWED_NETWORKS="10.0.0.0/8,intranet")


def test_the_public_address_is_the_issuer_without_a_slash_at_its_end() -> None:
    settings = read_settings({"SMARTTICKET_ENV": "development", "PUBLIC_URL": "https://desk.example/"})
    assert settings.issuer == "https://desk.example"
    assert "PUBLIC_URL" in faults(PUBLIC_URL="https://" + "d" * 300, AUTH_KEY_SECRET=SECRET)
