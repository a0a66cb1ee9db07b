"""`document.ingested`, `document.failed` and `document.deleted`: remove vectors that belong to nothing any more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service_kit.messaging.retry.policy import RetryLater
from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service.ports import VectorsDamaged, VectorsDown, VectorStore


@dataclass(frozen=True)
class Ingested:
    """The fields of `document.ingested` and `document.failed` that this service uses."""

    document_id: str
    version: int


@dataclass(frozen=True)
class Deleted:
    """The fields of `document.deleted` that this service uses."""

    document_id: str


def ingested(vectors: VectorStore, refill: Callable[[int, UUID], None]) -> Handler[Ingested]:
    """Return the handler that removes the vectors of older versions; later versions may already have vectors.

    `refill(company_id, document)` stores vectors again that a rebuild removed while the document was being ingested.
    """

    def act(delivery: Delivery[Ingested]) -> None:
        company_id, document = delivery.envelope.company_id, UUID(delivery.body.document_id)
        vectors.delete_older_versions(company_id, document, delivery.body.version)
        refill(company_id, document)

    return _outside(Ingested, act)


def deleted(vectors: VectorStore, version: Callable[[int, UUID], int | None]) -> Handler[Deleted]:
    """Return the handler that removes a document's vectors.

    `version(company_id, document)` returns the current version: an external producer may have requested it again.
    """

    def act(delivery: Delivery[Deleted]) -> None:
        company_id, document = delivery.envelope.company_id, UUID(delivery.body.document_id)
        now = version(company_id, document)
        if now is None:
            vectors.delete_document(company_id, document)
        else:
            vectors.delete_older_versions(company_id, document, now)

    return _outside(Deleted, act)


def _outside(view: type[Any], act: Callable[[Delivery[Any]], None]) -> Handler[Any]:
    def prepare(delivery: Delivery[Any]) -> None:
        try:
            act(delivery)
        except VectorsDamaged:
            raise  # waiting mends nothing, and other companies would wait with this one
        except VectorsDown as reason:
            raise RetryLater(str(reason)) from reason

    return Handler(view, _nothing_more, prepare)


def _nothing_more(session: Session, deliveries: Sequence[Delivery[Any]]) -> None:
    """Have no effect beyond the inbox entry."""
