"""`retrieval.tuning.requested`: choose the fusion that is best on a company's saved questions."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.adapters.fusions import CACHE_SECONDS
from rag_service.dependencies import Dependencies
from rag_service.domain.errors import TooFewQuestions
from rag_service.store import tunings
from rag_service.usecases.tune import store_choice, tune
from rag_service.usecases.wait_for_vectors import retried_while_vectors_are_down


@dataclass(frozen=True)
class Requested:
    """The fields of `retrieval.tuning.requested` that this service uses."""

    number: int
    keep: bool


def prepare(delivery: Delivery[Requested], deps: Dependencies) -> str | None:
    """Tune, which may take a minute, and use the result if it is better; return why it failed, or None."""
    company_id, wanted = delivery.envelope.company_id, delivery.body
    with retried_while_vectors_are_down():
        try:
            choice = tune(
                deps.database, deps.vectors, deps.embedder.embed, company_id, wanted.number, deps.min_tuning_questions
            )
        except TooFewQuestions as reason:
            return str(reason)
    if store_choice(deps.database, company_id, wanted.number, choice, keep=wanted.keep):
        deps.fusions.forget(company_id)
        # So that all processes order by the new fusion once the tuning counts as done.
        time.sleep(CACHE_SECONDS)
    return None


def apply(session: Session, deliveries: Sequence[Delivery[Requested]], _deps: object) -> None:
    """Record that the tunings have ended."""
    for delivery in deliveries:
        state = "done" if delivery.prepared is None else "failed"
        tunings.finish(session, delivery.envelope.company_id, delivery.body.number, state, delivery.prepared)


CONSUMER = Consumer("retrieval.tuning.requested", view=Requested, apply=apply, queue="tune", prepare=prepare)
