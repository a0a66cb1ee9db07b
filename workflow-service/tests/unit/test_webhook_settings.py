"""The secrets by which partners sign their callbacks, as settings."""

import pytest
from service_kit.settings import BadSettings
from workflow_service.settings import read_settings

DEVELOPMENT = {"SMARTTICKET_ENV": "development"}


def test_several_secrets_are_valid_at_once_and_none_are_the_default() -> None:
    given = {"AMS_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, kJ8#2mPq9xLw4vTz"}
    settings = read_settings(DEVELOPMENT | given)
    assert [len(key) for key in settings.ams_webhook_keys] == [24, 16]
    assert settings.bms_webhook_keys == ()
    assert "kJ8#" not in repr(settings)


@pytest.mark.parametrize("secret", ["short", "aaaaaaaaaaaaaaaaaaaaaa", "whsec_AAEC", "whsec_no base64"])
def test_weak_and_unreadable_secrets_are_refused_by_name(secret: str) -> None:
    with pytest.raises(BadSettings) as bad:
        read_settings(DEVELOPMENT | {"BMS_WEBHOOK_SECRET": secret})
    assert [fault.startswith("BMS_WEBHOOK_SECRET") for fault in bad.value.faults] == [True]
