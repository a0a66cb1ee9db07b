"""Settings of rag-service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model_kit.claude.settings import ClaudeSettings, read_claude_settings
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

from rag_service.domain.own_vectors import MAX_ROW_VECTORS

NAME = "rag-service"
SCHEMA = "rag"
PORT = 5005

MINILM = "all-MiniLM-L6-v2"
MIB = 1024 * 1024


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The settings of rag-service."""

    ticket_service_url: str
    ticket_service_deadline_seconds: float
    """For fetching one file."""
    ai_service_url: str
    """For a company's remaining budget, if Claude has a key."""
    claude: ClaudeSettings
    models_dir: str
    """The folder of local models; empty for none, and then BM25 alone decides."""
    embeddings_model: str
    embeddings_install: bool
    embeddings_wait_seconds: float
    """How long a large document waits for a model that is being installed, before it is indexed without vectors."""
    qdrant_url: str
    """A Qdrant server; empty: embedded vectors below `vectors_dir`, which one process owns."""
    qdrant_api_key: str
    qdrant_collection: str
    vectors_dir: str
    ingest_threads: int
    """Small documents ingested in parallel, per process; half as many large ones are besides."""
    max_file_bytes: int
    parse_seconds: int
    parse_memory_mb: int
    max_chunks: int
    """Passages of one document besides rows of tables; a larger document is refused."""
    max_row_chunks: int
    """Passages of rows of tables of one document."""
    max_row_vectors: int
    """Passages of rows per document that get a vector of their own; further ones share their table's."""
    chunk_tokens: int
    retrieve_k: int
    """Passages retrieved for an answer."""
    top_k: int
    """The default number of returned passages."""
    min_score: float
    """Passages below this score are used for answers only where too few reach it."""
    tune_min_questions: int
    """Saved questions without which `POST /rag/tune` is refused: fewer prove no gain."""
    rerank: bool
    """Claude, if it has a key, reranks the passages first; this costs a call."""
    approved_cosine: float
    """The cosine from which a question counts as equal to an approved one."""
    conversation_days: int
    """Days after which unused conversations are deleted."""
    task_queue: str
    """The RabbitMQ queue to which external producers send Celery messages."""
    files_base_path: str
    """The folder of external producers' files; empty: none are read."""

    @property
    def encoder_folder(self) -> Path | None:
        """Return the encoder's folder; None without a local model."""
        return Path(self.models_dir) / "encoder" if self.models_dir and self.embeddings_model != "none" else None

    @property
    def large_ingest_threads(self) -> int:
        """Return how many large documents are ingested in parallel; all threads embed their passages."""
        return max(1, self.ingest_threads // 2)

    @property
    def one_process(self) -> bool:
        """Return whether HTTP and worker must share a process, because embedded vectors have one owner."""
        return not self.qdrant_url


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Build the settings; raise BadSettings naming every fault."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT)
    settings = Settings(
        **common,
        ticket_service_url=reader.text("TICKET_SERVICE_URL", "http://127.0.0.1:5001"),
        ticket_service_deadline_seconds=reader.number(
            "TICKET_SERVICE_DEADLINE_SECONDS", 30.0, minimum=0.1, maximum=600.0
        ),
        ai_service_url=reader.text("AI_SERVICE_URL", "http://127.0.0.1:5002"),
        claude=read_claude_settings(reader),
        models_dir=reader.text("MODELS_DIR"),
        embeddings_model=reader.text("EMBEDDINGS_MODEL", MINILM),
        embeddings_install=reader.flag("EMBEDDINGS_INSTALL", False),
        embeddings_wait_seconds=reader.number("EMBEDDINGS_WAIT_SECONDS", 300.0, maximum=86_400.0),
        qdrant_url=reader.text("QDRANT_URL"),
        qdrant_api_key=reader.text("QDRANT_API_KEY"),
        qdrant_collection=reader.text("QDRANT_COLLECTION", "kb_main"),
        vectors_dir=reader.text("VECTORS_DIR"),
        ingest_threads=reader.integer("INGEST_THREADS", 2, minimum=1, maximum=32),
        max_file_bytes=reader.integer("FILES_MAX_BYTES", 25 * MIB, minimum=1, maximum=25 * MIB),
        parse_seconds=reader.integer("PARSE_SECONDS", 20, minimum=1, maximum=600),
        parse_memory_mb=reader.integer("PARSE_MEMORY_MB", 512, minimum=128, maximum=16_384),
        max_chunks=reader.integer("MAX_CHUNKS", 20_000, minimum=1, maximum=1_000_000),
        max_row_chunks=reader.integer("MAX_ROW_CHUNKS", 100_000, minimum=1, maximum=1_000_000),
        max_row_vectors=reader.integer("MAX_ROW_VECTORS", MAX_ROW_VECTORS, minimum=1, maximum=1_000_000),
        chunk_tokens=reader.integer("CHUNK_TOKENS", 240, minimum=32, maximum=256),
        retrieve_k=reader.integer("RAG_RETRIEVE_K", 12, minimum=1, maximum=50),
        top_k=reader.integer("RAG_TOP_K", 6, minimum=1, maximum=50),
        min_score=reader.number("RAG_MIN_SCORE", 0.15, minimum=0.0, maximum=1.0),
        tune_min_questions=reader.integer("RAG_TUNE_MIN_QUESTIONS", 30, minimum=10, maximum=5_000),
        rerank=reader.flag("RAG_RERANK", False),
        approved_cosine=reader.number("RAG_APPROVED_COSINE", 0.9, minimum=0.5, maximum=1.0),
        conversation_days=reader.integer("CONVERSATION_DAYS", 30, minimum=1, maximum=3_650),
        task_queue=reader.text("RAG_TASK_QUEUE", "rag_events"),
        files_base_path=reader.text("RAG_FILES_BASE_PATH"),
    )
    _check(reader, settings)
    reader.finish()
    return settings


def _check(reader: Reader, settings: Settings) -> None:
    if settings.qdrant_url and not settings.qdrant_url.startswith(("http://", "https://")):
        reader.faults.append(f"QDRANT_URL must begin with https:// or http://, not {settings.qdrant_url!r}")
    if not settings.qdrant_url and not settings.vectors_dir:
        reader.faults.append("VECTORS_DIR or QDRANT_URL must say where the vectors are")
    if settings.one_process and settings.role != "both":
        reader.faults.append(f"ROLE must be both while the vectors are embedded, not {settings.role!r}; set QDRANT_URL")
    if settings.files_base_path and not Path(settings.files_base_path).is_absolute():
        reader.faults.append(f"RAG_FILES_BASE_PATH must be an absolute path, not {settings.files_base_path!r}")
