"""Short documents with questions to teach on; `taught_documents/README.md`.

The answer encoder is taught on the English ones but every fourth. The comparison of texts reads its scores, so it is
taught on documents that the encoder has not seen: that fourth, and those in other languages.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.probes.model import File, Question
from benchmarks.written_documents import Document, asked_of, documents

FOLDER = Path(__file__).with_name("taught_documents")
FOR_MODELS = 4
"""Every so many English documents one is left to the models."""
WITH_ANSWER, WITHOUT = 8, 2
"""Questions of a document that the models are taught on."""


def for_encoder() -> list[Document]:
    """Return the documents that the encoder is taught on."""
    return [each for number, each in enumerate(_english()) if number % FOR_MODELS]


def for_models(seed: int = 0) -> Iterator[tuple[list[File], list[Question]]]:
    """Yield each document that the models are taught on as the only file of a company, with questions about it."""
    english = [each for number, each in enumerate(_english()) if not number % FOR_MODELS]
    others = [each for each in documents(FOLDER) if each.language != "en"]
    return asked_of([*english, *others], seed, WITH_ANSWER, WITHOUT)


def _english() -> list[Document]:
    return [each for each in documents(FOLDER) if each.language == "en"]
