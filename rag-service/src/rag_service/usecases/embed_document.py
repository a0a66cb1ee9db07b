"""Embeds a document's passages, in slices that let short documents go first."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from rag_service.domain.document import Chunk
from rag_service.domain.own_vectors import with_own_vector
from rag_service.usecases.context import in_context
from rag_service.usecases.passage_vectors import PassageVectors

SLICE_PASSAGES = 8
"""About 0.4 s of one core: so long a short document waits for a long one."""
PROGRESS_SECONDS = 1.0
"""How often the caller is asked whether the work goes on."""


RunSlices = Callable[[Sequence[Callable[[], Any]]], Iterator[Any]]
"""Runs the slices of one computation, in turn with those of others, and yields their results in their order."""


def one_by_one(jobs: Sequence[Callable[[], Any]]) -> Iterator[Any]:
    """Run slices in the caller's thread."""
    return (job() for job in jobs)


class Encoder(Protocol):
    """Embeds texts, once it is ready."""

    @property
    def name(self) -> str:
        """Return the model's name and version."""

    def embed_all(self, texts: Sequence[str]) -> Any:
        """Return a row per text."""


def embed_document(
    chunks: Sequence[Chunk],
    encoder: Encoder,
    run_slices: RunSlices,
    *,
    most_rows: int,
    goes_on: Callable[[int], bool] = lambda _embedded: True,
) -> PassageVectors | None:
    """Return the vectors of a document's passages, each in its document's context.

    `most_rows`: passages of rows that get a vector of their own. `goes_on(embedded)` is called every second and at the
    end; once it returns false the work ends, and None is returned.
    """
    places = with_own_vector(chunks, most_rows)
    parts = [places[begin : begin + SLICE_PASSAGES] for begin in range(0, len(places), SLICE_PASSAGES)]
    jobs = [partial(_embedded, encoder, chunks, part) for part in parts]
    rows, embedded, asked = [], 0, time.monotonic()
    for part, vectors in zip(parts, run_slices(jobs), strict=True):
        rows.append(vectors)
        embedded += len(part)
        if embedded < len(places) and time.monotonic() - asked < PROGRESS_SECONDS:
            continue
        if not goes_on(embedded):
            return None
        asked = time.monotonic()
    # As they are stored, so that making the vectors again from what is stored changes no result.
    halves = in_context(np.concatenate(rows)).astype(np.float16)
    return PassageVectors.of(chunks, dict(zip(places, halves, strict=True)))


def _embedded(encoder: Encoder, chunks: Sequence[Chunk], places: Sequence[int]) -> Any:
    # The texts are put together here: those of all slices at once would double a large document's memory.
    return encoder.embed_all([chunks[place].searched for place in places])
