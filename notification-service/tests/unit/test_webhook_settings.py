"""The settings of webhooks."""

import base64
import hashlib

import pytest
from notification_service.settings import RETRIES, Settings, read_settings
from outbound_kit.sealing import CannotUnseal, TextSealer
from service_kit.settings import BadSettings

KEY = base64.b64encode(hashlib.sha256(b"a key of a test").digest()).decode()


def read(**given: str) -> Settings:
    return read_settings({"SMARTTICKET_ENV": "development", **given})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFICATION_KEY_SECRET", "short"),
        ("WEBHOOK_RETRY_SECONDS", "5,soon"),
        ("WEBHOOK_RETRY_SECONDS", "-1"),
        ("WEBHOOK_PORTS", "80,https"),
        ("WEBHOOK_PORTS", "0"),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/8,intranet"),
        ("WEBHOOK_TIMEOUT_SECONDS", "61"),
        ("WEBHOOK_DAYS", "14"),
    ],
)
def test_nonsense_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read(**{name: value})


def test_without_settings_the_schedule_and_the_ports_are_the_documented_ones() -> None:
    settings = read()
    assert ",".join(f"{pause:g}" for pause in settings.webhook_retry_seconds) == RETRIES
    assert settings.webhook_ports == {80, 443, 8443}
    assert (read(WEBHOOK_PORTS="any").webhook_ports, settings.webhook_allowed_networks) == (None, ())


def test_the_key_is_that_of_the_setting_or_follows_from_the_signing_key() -> None:
    assert base64.b64encode(read(NOTIFICATION_KEY_SECRET=KEY).sealing_key).decode() == KEY
    assert read().sealing_key == read().sealing_key != read(INTERNAL_SIGNING_KEY=KEY).sealing_key


def test_what_is_sealed_is_read_with_the_same_key_alone() -> None:
    sealer, other = TextSealer(b"k" * 32), TextSealer(b"l" * 32)
    sealed = sealer.seal_text("whsec_x")
    assert "whsec_x" not in sealed
    assert sealer.unseal_text(sealed) == "whsec_x"
    for wrong in (sealed, "no token", sealed[:-4]):
        with pytest.raises(CannotUnseal):
            other.unseal_text(wrong)
    assert sealer.digest(b"x") != other.digest(b"x")
