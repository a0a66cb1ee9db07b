"""The dependencies of request handlers, built once per app."""

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
    """The dependencies of request handlers."""

    database: Database
    vectors: VectorStore
    embedder: Embedder
    retriever: Retriever
    present: Present
    answerer: Callable[[int], Answerer]
    """Returns the answerer of a company; it uses Claude if there is a key and the budget allows it."""
    external_files: ExternalFiles
    top_k: int
    operator: int
    """The operator's company, whose people may name any file of external producers."""
    claude: bool


def dependencies() -> Dependencies:
    """Return the dependencies of the app that serves the current request."""
    found: Dependencies = current_app.extensions[EXTENSION]
    return found
