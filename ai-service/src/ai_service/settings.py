"""Settings of ai-service."""

from collections.abc import Mapping
from dataclasses import dataclass

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "ai-service"
SCHEMA = "ai"
PORT = 5002

ANTHROPIC_URL = "https://api.anthropic.com"
CURRENT_HAIKU = "claude-haiku-5-5"


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """What ai-service is told at start."""

    anthropic_api_key: str
    """Empty where there is none: then Claude is not asked and its library not even loaded."""
    anthropic_base_url: str
    anthropic_model: str
    anthropic_deadline_seconds: float
    """For one ticket, retries and waiting included."""
    anthropic_concurrency: int
    """Calls in flight at once, per process."""
    cache_answers: int
    """Answers kept per company and process."""
    cache_seconds: float
    departments_seconds: float
    """How old a company's department list may be when a ticket is read."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Build the settings; raise BadSettings naming every fault."""
    reader = Reader(mapping)
    settings = Settings(
        **read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT),
        anthropic_api_key=_real_key(reader.text("ANTHROPIC_API_KEY")),
        anthropic_base_url=_address(reader),
        anthropic_model=reader.text("ANTHROPIC_MODEL", CURRENT_HAIKU),
        anthropic_deadline_seconds=reader.number("ANTHROPIC_DEADLINE_SECONDS", 8.0, minimum=0.1, maximum=60.0),
        anthropic_concurrency=reader.integer("ANTHROPIC_CONCURRENCY", 8, minimum=1, maximum=256),
        cache_answers=reader.integer("CATEGORIZE_CACHE_ANSWERS", 500, minimum=0, maximum=100_000),
        cache_seconds=reader.number("CATEGORIZE_CACHE_SECONDS", 3_600.0, maximum=86_400.0),
        departments_seconds=reader.number("DEPARTMENTS_CACHE_SECONDS", 2.0, maximum=3_600.0),
    )
    reader.finish()
    return settings


def _real_key(text: str) -> str:
    """Return the key, or nothing for what an example file puts in its place."""
    placeholder = text.casefold().startswith(("your_", "your-", "<")) or text.casefold() in {"changeme", "none"}
    return "" if placeholder else text


def _address(reader: Reader) -> str:
    url = reader.text("ANTHROPIC_BASE_URL", ANTHROPIC_URL)
    if not url.startswith(("http://", "https://")):
        reader.faults.append(f"ANTHROPIC_BASE_URL must begin with https:// or http://, not {url!r}")
    return url
