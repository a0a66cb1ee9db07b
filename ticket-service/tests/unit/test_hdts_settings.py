"""Settings of the queue of another help desk."""

from typing import Any

import pytest
from service_kit.settings import BadSettings
from ticket_service.settings import HdtsSettings, read_settings

PRODUCTION = {"SMARTTICKET_ENV": "production"}


def read(**changes: str) -> HdtsSettings:
    return read_settings({"SMARTTICKET_ENV": "development"} | changes).hdts


def test_the_queue_is_consumed_for_company_one_without_a_secret_by_default() -> None:
    own = "amqp://guest:guest@127.0.0.1:5672/%2F"
    assert read() == HdtsSettings(own, "TICKET_TASKS_PRODUCTION", 1, (), 1_000_000, 300)


def test_the_sender_may_have_a_broker_of_its_own_and_without_any_there_is_no_queue() -> None:
    assert read(HDTS_BROKER_URL="amqps://hd:x@broker/hdts").broker_url == "amqps://hd:x@broker/hdts"
    assert read(BUS="postgres", HDTS_BROKER_URL="amqp://broker/hdts").broker_url == "amqp://broker/hdts"
    assert read(BUS="postgres").broker_url == ""


@pytest.mark.parametrize("off", ["off", "OFF", " Off "])
def test_the_queue_can_be_switched_off(off: str) -> None:
    assert read(HDTS_QUEUE=off).queue == ""


def test_two_secrets_are_valid_at_once() -> None:
    assert read(HDTS_SECRET=" one , two,,").secrets == ("one", "two")


def test_a_secret_may_lie_in_a_file(tmp_path: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("from-a-file\n")
    assert read(HDTS_SECRET_FILE=str(file)).secrets == ("from-a-file",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HDTS_BROKER_URL", "http://x"),
        ("HDTS_COMPANY_ID", "0"),
        ("HDTS_MAX_BYTES", "1"),
        ("HDTS_MAX_FUTURE_SECONDS", "soon"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read(**{name: value})


def test_outside_development_mode_a_weak_secret_is_refused() -> None:
    with pytest.raises(BadSettings) as bad:
        read_settings(PRODUCTION | {"HDTS_SECRET": "aaaaaaaaaaaaaaaa,kJ8#2mPq9xLw4vTz"})
    assert any(fault.startswith("HDTS_SECRET") for fault in bad.value.faults)
    with pytest.raises(BadSettings) as good:
        read_settings(PRODUCTION | {"HDTS_SECRET": "kJ8#2mPq9xLw4vTz"})
    assert not any(fault.startswith("HDTS_SECRET") for fault in good.value.faults)
