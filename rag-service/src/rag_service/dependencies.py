"""What requests need besides their session; made once per app."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from service_kit.database.engine import Database

from rag_service.adapters.embedder import Embedder
from rag_service.adapters.files import ExternalFiles
from rag_service.ports import VectorStore
from rag_service.usecases.answer import Answerer
from rag_service.usecases.retrieve import Present, Retriever

EXTENSION = "rag_service"


@dataclass(frozen=True)
class Dependencies:
    """The parts of this service that requests use."""

    database: Database
    vectors: VectorStore
    embedder: Embedder
    retriever: Retriever
    present: Present
    answerer: Callable[[int], Answerer]
    """Returns who answers for a company: with Claude where there is a key and something left of the budget."""
    external_files: ExternalFiles
    top_k: int
    operator: int
    """The operator's company, whose people may name any file of outside producers."""
    claude: bool


def dependencies() -> Dependencies:
    """Return the parts of the app that serves the current request."""
    found: Dependencies = current_app.extensions[EXTENSION]
    return found
