"""The objects that request handlers and consumers share, built once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from service_kit.database.engine import Database

from rag_service.adapters.answerers import Answerers
from rag_service.adapters.cache import KnowledgeCache
from rag_service.adapters.embedder import Embedder
from rag_service.adapters.files import ExternalFiles
from rag_service.adapters.fusions import Fusions
from rag_service.ports import VectorStore
from rag_service.usecases.embed_document import RunSlices
from rag_service.usecases.ingest import Ingestor
from rag_service.usecases.retrieve import Present, Retriever


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers, the last argument of consumers' functions."""

    database: Database
    vectors: VectorStore
    embedder: Embedder
    knowledge: KnowledgeCache
    answerers: Answerers
    retriever: Retriever
    """For people: leaves out files that were deleted although the event has not arrived yet."""
    event_retriever: Retriever
    """For events: doesn't ask ticket-service which files it has."""
    fusions: Fusions
    present: Present
    ingestor: Ingestor
    run_slices: RunSlices
    """Runs what embeds documents, the shorter ones first."""
    max_row_vectors: int
    fetch_upload: Callable[[int, UUID, int], bytes]
    """Takes a company, a file and a version; returns the uploaded bytes."""
    external_files: ExternalFiles
    top_k: int
    min_tuning_questions: int
    operator: int
    """The operator's company, whose people may name any file of external producers."""
    claude: bool
