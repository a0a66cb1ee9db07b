"""`vectors.rebuild.requested`: make a company's vectors again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service_kit.messaging.retry.policy import RetryLater
from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service.ports import VectorsDown
from rag_service.store import rebuilds


@dataclass(frozen=True)
class Requested:
    """No fields: the envelope names the company."""


def handler(rebuild: Callable[[int], int]) -> Handler[Requested]:
    """Return the handler; `rebuild(company_id)` returns the number of vectors, and may take minutes."""

    def prepare(delivery: Delivery[Requested]) -> int:
        try:
            return rebuild(delivery.envelope.company_id)
        except VectorsDown as reason:
            raise RetryLater(str(reason)) from reason

    def apply(session: Session, deliveries: Sequence[Delivery[Requested]]) -> None:
        for delivery in deliveries:
            rebuilds.finish(session, delivery.envelope.company_id, delivery.prepared)

    return Handler(Requested, apply, prepare)
