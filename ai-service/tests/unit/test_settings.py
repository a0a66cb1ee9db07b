"""Settings of ai-service."""

import pytest
from ai_service.settings import Settings, read_settings
from service_kit.settings import BadSettings


def read(**more: str) -> Settings:
    return read_settings({"SMARTTICKET_ENV": "development", **more})


def test_claude_is_asked_only_with_a_real_key() -> None:
    assert read(ANTHROPIC_API_KEY="sk-ant-abc").claude.api_key == "sk-ant-abc"
    for nothing in ("", "  ", "your_actual_api_key_here", "YOUR-KEY", "<key>", "changeme"):
        assert read(ANTHROPIC_API_KEY=nothing).claude.api_key == ""


def test_defaults() -> None:
    settings = read()
    assert settings.claude.model == "claude-haiku-5-5"
    assert settings.claude.base_url == "https://api.anthropic.com"
    assert settings.claude.deadline_seconds == 8
    assert (settings.port, settings.service) == (5002, "ai-service")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANTHROPIC_BASE_URL", "api.anthropic.com"),
        ("ANTHROPIC_DEADLINE_SECONDS", "0"),
        ("ANTHROPIC_CONCURRENCY", "many"),
        ("CATEGORIZE_CACHE_ANSWERS", "-1"),
        ("FINE_TUNE_FROM", "-1"),
        ("FINE_TUNE_SECONDS", "0"),
        ("TRAINING_EXPORT_PATH", "/etc/tickets.xlsx"),
        ("TRAINING_EXPORT_PATH", "../tickets.xlsx"),
        ("TRAINING_EXPORT_PATH", "exports/tickets.csv"),
        ("TRAINING_EXPORT_SHEET_NAME", "a/b"),
        ("TRAINING_EXPORT_SHEET_NAME", "history"),
        ("TRAINING_EXPORT_SHEET_NAME", "a\x07b"),
        ("TRAINING_EXPORT_SHEET_NAME", "n" * 32),
        ("ANTHROPIC_PRICE_INPUT", "3"),
        ("ANTHROPIC_PRICE_OUTPUT", "much"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read(**{name: value})
