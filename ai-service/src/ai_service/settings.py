"""Settings of ai-service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from model_kit.claude.settings import ClaudeSettings, read_claude_settings
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "ai-service"
SCHEMA = "ai"
PORT = 5002

MINILM = "all-MiniLM-L6-v2"
LONGEST_SHEET_NAME = 31


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """What ai-service is told at start."""

    claude: ClaudeSettings
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
    """For one training or evaluation, without the fine-tuning."""
    fine_tune_from: int
    """So many labels, and a training tunes an encoder too; 0: never."""
    fine_tune_seconds: float
    """For the fine-tuning of one training or evaluation."""
    evaluation_rows: int
    """The most rows of a file to evaluate on."""
    training_data_dir: str
    """Where exports go; empty: there are none."""
    training_export_path: PurePosixPath
    """Below it; each company has a folder of its own beside the file."""
    training_export_sheet_name: str
    ticket_service_url: str

    @property
    def training_folder(self) -> Path | None:
        """Return the folder of the exports; None where there shall be none."""
        return Path(self.training_data_dir) if self.training_data_dir else None

    @property
    def encoder_folder(self) -> Path | None:
        """Return the encoder's folder; None where there shall be no local model."""
        return Path(self.models_dir) / "encoder" if self.models_dir and self.embeddings_model != "none" else None


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Build the settings; raise BadSettings naming every fault."""
    reader = Reader(mapping)
    settings = Settings(
        **read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT),
        claude=read_claude_settings(reader),
        cache_answers=reader.integer("CATEGORIZE_CACHE_ANSWERS", 500, minimum=0, maximum=100_000),
        cache_seconds=reader.number("CATEGORIZE_CACHE_SECONDS", 3_600.0, maximum=86_400.0),
        departments_seconds=reader.number("DEPARTMENTS_CACHE_SECONDS", 2.0, maximum=3_600.0),
        models_dir=reader.text("MODELS_DIR"),
        embeddings_model=reader.text("EMBEDDINGS_MODEL", MINILM),
        embeddings_install=reader.flag("EMBEDDINGS_INSTALL", False),
        analyze_training_threshold=reader.integer("ANALYZE_TRAINING_THRESHOLD", 100, minimum=1),
        evaluation_rows=reader.integer("EVALUATION_ROWS", 20_000, minimum=100, maximum=1_000_000),
        training_seconds=reader.number("TRAINING_SECONDS", 900.0, minimum=1.0, maximum=86_400.0),
        fine_tune_from=reader.integer("FINE_TUNE_FROM", 5_000, minimum=0),
        fine_tune_seconds=reader.number("FINE_TUNE_SECONDS", 1_800.0, minimum=1.0, maximum=86_400.0),
        training_data_dir=reader.text("TRAINING_DATA_DIR"),
        training_export_path=_export_path(reader),
        training_export_sheet_name=_sheet_name(reader),
        ticket_service_url=reader.text("TICKET_SERVICE_URL", "http://127.0.0.1:5001"),
    )
    if not settings.ticket_service_url.startswith(("http://", "https://")):
        reader.faults.append("TICKET_SERVICE_URL must begin with http:// or https://")
    reader.finish()
    return settings


def _export_path(reader: Reader) -> PurePosixPath:
    path = PurePosixPath(reader.text("TRAINING_EXPORT_PATH", "exports/tickets_training.xlsx"))
    if path.is_absolute() or ".." in path.parts or path.suffix.casefold() != ".xlsx" or "\0" in str(path):
        reader.faults.append(f"TRAINING_EXPORT_PATH must name an .xlsx file below TRAINING_DATA_DIR, not {str(path)!r}")
    return path


def _sheet_name(reader: Reader) -> str:
    name = reader.text("TRAINING_EXPORT_SHEET_NAME", "Sheet1")
    quoted, reserved = name.startswith("'") or name.endswith("'"), name.casefold() == "history"
    if len(name) > LONGEST_SHEET_NAME or not set(name).isdisjoint("[]:*?/\\") or quoted or reserved:
        reader.faults.append(f"TRAINING_EXPORT_SHEET_NAME must be a name that Excel takes for a sheet, not {name!r}")
    elif not name.isprintable():
        reader.faults.append("TRAINING_EXPORT_SHEET_NAME must be made of printable characters")
    return name
