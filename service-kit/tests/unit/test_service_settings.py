"""Invalid settings are refused at start, with all faults at once."""

import base64
import secrets
from pathlib import Path
from typing import Any

import pytest
from service_kit.identity import public_key
from service_kit.service_settings import (
    ServiceSettings,
    development_signing_key,
    is_weak_key,
    is_weak_password,
    read_service_settings,
)
from service_kit.settings import BadSettings, Reader


def read(schema: str | None = "ai", service: str = "ai-service", **mapping: str) -> ServiceSettings:
    reader = Reader(mapping)
    found: dict[str, Any] = read_service_settings(reader, service=service, schema=schema, port=5002)
    reader.finish()
    return ServiceSettings(**found)


def development(**mapping: str) -> ServiceSettings:
    return read(SMARTTICKET_ENV="development", **mapping)


def own_secrets() -> dict[str, str]:
    seed = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "DB_PASSWORD": secrets.token_hex(8),
        "RABBITMQ_PASSWORD": secrets.token_hex(8),
        "INTERNAL_SIGNING_KEY": seed,
        "INTERNAL_TRUSTED_KEYS": f"api-gateway:{public_key(seed)}",
    }


def faults(**mapping: str) -> str:
    with pytest.raises(BadSettings) as caught:
        read(**mapping)
    return "; ".join(caught.value.faults)


def test_production_is_the_default_and_starts_with_secrets_of_its_own() -> None:
    settings = read(**own_secrets())
    assert not settings.development
    assert list(settings.trusted_keys) == ["api-gateway"]


def test_production_without_secrets_names_every_one_that_is_missing() -> None:
    message = faults()
    for name in ("DB_PASSWORD", "RABBITMQ_PASSWORD", "INTERNAL_SIGNING_KEY", "INTERNAL_TRUSTED_KEYS"):
        assert name in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "postgres"),
        ("DB_PASSWORD", "smartticket-development"),
        ("DB_PASSWORD", "eleven-ch4r"),
        ("DB_PASSWORD", "abababababababab"),
        ("RABBITMQ_PASSWORD", "guest"),
        ("RABBITMQ_PASSWORD", "x"),
        ("INTERNAL_SIGNING_KEY", base64.b64encode(bytes(32)).decode()),
        ("INTERNAL_SIGNING_KEY", base64.b64encode(bytes(range(32))).decode()),
        ("INTERNAL_SIGNING_KEY", base64.b64encode(b"secret" * 5 + b"se").decode()),
        ("INTERNAL_TRUSTED_KEYS", f"api-gateway:{base64.b64encode(bytes(32)).decode()}"),
        ("INTERNAL_TRUSTED_KEYS", f"api-gateway:{base64.b64encode(bytes([1] + [0] * 31)).decode()}"),
        ("INTERNAL_SIGNING_KEY", development_signing_key("ai-service")),
        ("INTERNAL_SIGNING_KEY", development_signing_key("api-gateway")),
        ("INTERNAL_TRUSTED_KEYS", f"api-gateway:{public_key(development_signing_key('api-gateway'))}"),
    ],
)
def test_production_refuses_a_default_or_weak_secret_by_name(name: str, value: str) -> None:
    assert name in faults(**{**own_secrets(), name: value})


def test_no_random_secret_is_taken_for_a_weak_one() -> None:
    for _ in range(2_000):
        assert not is_weak_key(secrets.token_bytes(32))
        assert not is_weak_password(secrets.token_hex(24))


def test_a_default_password_inside_a_url_is_refused_too() -> None:
    message = faults(**{**own_secrets(), "DATABASE_URL": "postgresql://smartticket_ai_app:postgres@db/smartticket"})
    assert "DATABASE_URL" in message
    assert "RABBITMQ_URL" in faults(**{**own_secrets(), "RABBITMQ_URL": "amqp://guest:guest@mq/"})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    given = own_secrets()
    file.write_text(given.pop("INTERNAL_SIGNING_KEY") + "\n")
    assert read(**given, INTERNAL_SIGNING_KEY_FILE=str(file)).signing_key == file.read_text().strip()
    assert "INTERNAL_SIGNING_KEY_FILE" in faults(**given, INTERNAL_SIGNING_KEY_FILE="/nowhere")


def test_development_needs_nothing() -> None:
    settings = development()
    assert settings.database_url.startswith("postgresql://smartticket_ai_app:")
    assert "smartticket_ai_relay:" in settings.relay_database_url
    assert settings.rabbitmq_url == "amqp://guest:guest@127.0.0.1:5672/%2F"
    assert set(settings.trusted_keys) == {"api-gateway", *settings.services}
    assert (settings.port, settings.prefetch, settings.role) == (5002, 200, "both")


def test_a_password_with_any_character_survives_the_url() -> None:
    settings = development(DB_PASSWORD="p@ss:/?#[]% ä", DB_HOST="db")
    from sqlalchemy import make_url

    for url in (settings.database_url, settings.relay_database_url):
        assert make_url(url).password == "p@ss:/?#[]% ä"
        assert make_url(url).host == "db"


def test_urls_of_other_spellings_are_understood() -> None:
    settings = development(DATABASE_URL="postgres://x_ai_app:pw@db:5433/d", CELERY_BROKER_URL="amqp://u:p@mq//")
    assert settings.database_url == "postgresql://x_ai_app:pw@db:5433/d"
    assert settings.relay_database_url == "postgresql://x_ai_relay:pw@db:5433/d"
    assert settings.rabbitmq_url == "amqp://u:p@mq//"
    assert development(CELERY_BROKER_URL="redis://r/0").rabbitmq_url.startswith("amqp://guest")


def test_a_role_of_another_name_needs_the_relays_address_too() -> None:
    with pytest.raises(BadSettings, match="RELAY_DATABASE_URL"):
        development(DATABASE_URL="postgresql://somebody@db/d")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMARTTICKET_ENV", "staging"),
        ("ROLE", "all"),
        ("BUS", "kafka"),
        ("PORT", "70000"),
        ("PORT", "http"),
        ("HTTP_THREADS", "0"),
        ("CONSUMER_PREFETCH", "many"),
        ("SMARTTICKET_SERVICES", "ai-service,no-service"),
        ("LOG_LEVEL", "LOUD"),
        ("RABBITMQ_URL", "http://mq"),
        ("INTERNAL_SIGNING_KEY", "abc"),
        ("INTERNAL_TRUSTED_KEYS", "api-gateway"),
        ("INTERNAL_TRUSTED_KEYS", "api-gateway:abc"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read(**{"SMARTTICKET_ENV": "development", name: value})


def test_deployed_services_may_be_fewer() -> None:
    assert development(SMARTTICKET_SERVICES="ai-service, api-gateway").services == ("ai-service",)


def test_a_service_without_a_schema_needs_no_database() -> None:
    given = own_secrets()
    settings = read(schema=None, service="api-gateway", INTERNAL_SIGNING_KEY=given["INTERNAL_SIGNING_KEY"])
    assert settings.database_url == ""
