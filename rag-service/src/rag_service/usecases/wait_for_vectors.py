"""Has an event delivered again later while the vector store is down."""

from collections.abc import Iterator
from contextlib import contextmanager

from eventbus.retry.policy import RetryLater

from rag_service.ports import VectorsDamaged, VectorsDown


@contextmanager
def retried_while_vectors_are_down() -> Iterator[None]:
    """Raise RetryLater for VectorsDown, but VectorsDamaged as it is: a retry does not help, and would delay other
    companies."""
    try:
        yield
    except VectorsDamaged:
        raise
    except VectorsDown as reason:
        raise RetryLater(str(reason)) from reason
