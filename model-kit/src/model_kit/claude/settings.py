"""The settings for calls to Claude, equal in every service that makes them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from model_kit.claude.prices import Price, Prices

ANTHROPIC_URL = "https://api.anthropic.com"
CURRENT_HAIKU = "claude-haiku-5-5"


class SettingsReader(Protocol):
    """Reads settings and collects their faults, which the caller reports together."""

    faults: list[str]

    def text(self, name: str, default: str = "") -> str:
        """Return a setting."""

    def number(self, name: str, default: float, *, minimum: float = 0.0, maximum: float) -> float:
        """Return a number between `minimum` and `maximum`."""

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """Return a whole number between `minimum` and `maximum`."""


@dataclass(frozen=True)
class ClaudeSettings:
    """Address, key, model and bounds of calls to Claude."""

    api_key: str
    """Empty if there is none: then Claude is not called and its library not loaded."""
    base_url: str
    model: str
    deadline_seconds: float
    """For one question, retries and waiting included."""
    concurrency: int
    """Calls in flight at once, per process."""
    prices: Prices


def read_claude_settings(reader: SettingsReader) -> ClaudeSettings:
    """Read ANTHROPIC_*; faults are collected in the reader."""
    return ClaudeSettings(
        api_key=_real_key(reader.text("ANTHROPIC_API_KEY")),
        base_url=_address(reader),
        model=reader.text("ANTHROPIC_MODEL", CURRENT_HAIKU),
        deadline_seconds=reader.number("ANTHROPIC_DEADLINE_SECONDS", 8.0, minimum=0.1, maximum=60.0),
        concurrency=reader.integer("ANTHROPIC_CONCURRENCY", 8, minimum=1, maximum=256),
        prices=_prices(reader),
    )


def _real_key(text: str) -> str:
    """Return the key, or "" for a placeholder of an example file."""
    placeholder = text.casefold().startswith(("your_", "your-", "<")) or text.casefold() in {"changeme", "none"}
    return "" if placeholder else text


def _address(reader: SettingsReader) -> str:
    url = reader.text("ANTHROPIC_BASE_URL", ANTHROPIC_URL)
    if not url.startswith(("http://", "https://")):
        reader.faults.append(f"ANTHROPIC_BASE_URL must begin with https:// or http://, not {url!r}")
    return url


def _prices(reader: SettingsReader) -> Prices:
    names = ("ANTHROPIC_PRICE_INPUT", "ANTHROPIC_PRICE_OUTPUT")
    given = [bool(reader.text(name)) for name in names]
    if any(given) and not all(given):
        reader.faults.append(f"{names[0]} and {names[1]} must be given together, or neither")
    asked = [Decimal(str(reader.number(name, 0.0, maximum=10_000.0))) for name in names]
    return Prices(Price(*asked) if all(given) else None)
