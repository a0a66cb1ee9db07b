"""What requests need besides their session; made once per app."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from service_kit.database.engine import Database

from rag_service.adapters.encoding import Encoding
from rag_service.adapters.files import OutsideFiles
from rag_service.ports import VectorStore
from rag_service.usecases.answer import Answerer
from rag_service.usecases.retrieve import Present, Retriever

EXTENSION = "rag_service"


@dataclass(frozen=True)
class Parts:
    """The parts of this service that requests use."""

    database: Database
    vectors: VectorStore
    encoding: Encoding
    retriever: Retriever
    present: Present
    answerer: Callable[[int], Answerer]
    """Returns who answers for a company: with Claude where there is a key and something left of the budget."""
    outside_files: OutsideFiles
    top_k: int
    operator: int
    """The operator's company, whose people may name any file of outside producers."""
    claude: bool


def parts() -> Parts:
    """Return the parts of the app that serves the current request."""
    found: Parts = current_app.extensions[EXTENSION]
    return found
