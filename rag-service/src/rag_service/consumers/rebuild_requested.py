"""`vectors.rebuild.requested`: make a company's vectors again."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.retry.policy import RetryLater
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.dependencies import Dependencies
from rag_service.ports import VectorsDown
from rag_service.store import rebuilds
from rag_service.usecases.rebuild import rebuild


@dataclass(frozen=True)
class Requested:
    """No fields: the envelope names the company."""


def prepare(delivery: Delivery[Requested], deps: Dependencies) -> int:
    """Rebuild the vectors, which may take minutes; return their number."""
    try:
        encoder = deps.embedder.require_encoder()
        return rebuild(
            deps.database,
            deps.vectors,
            encoder,
            delivery.envelope.company_id,
            run_slices=deps.run_slices,
            most_rows=deps.max_row_vectors,
        )
    except VectorsDown as reason:
        raise RetryLater(str(reason)) from reason


def apply(session: Session, deliveries: Sequence[Delivery[Requested]], _deps: object) -> None:
    """Record that the rebuilds are finished."""
    for delivery in deliveries:
        rebuilds.finish(session, delivery.envelope.company_id, delivery.prepared)


CONSUMER = Consumer("vectors.rebuild.requested", view=Requested, apply=apply, queue="rebuild", prepare=prepare)
