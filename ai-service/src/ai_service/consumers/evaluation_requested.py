"""`evaluation.requested`: run the evaluation outside any transaction, then store its result."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.adapters.local.evaluator import EvaluationResult
from ai_service.dependencies import Dependencies
from ai_service.store import evaluations


@dataclass(frozen=True)
class Requested:
    """The fields of `evaluation.requested` that this service uses."""

    evaluation_id: int


def prepare(delivery: Delivery[Requested], deps: Dependencies) -> EvaluationResult:
    """Run the evaluation, which may take minutes."""
    return deps.evaluator.evaluate(delivery.envelope.company_id, delivery.body.evaluation_id)


def apply(session: Session, deliveries: Sequence[Delivery[Requested]], _deps: object) -> None:
    """Store the results."""
    for delivery in deliveries:
        result: EvaluationResult = delivery.prepared
        evaluations.finish(
            session,
            delivery.envelope.company_id,
            delivery.body.evaluation_id,
            report=result.report,
            chart=result.chart,
            error=result.error,
        )


CONSUMER = Consumer("evaluation.requested", view=Requested, apply=apply, queue="evaluate", prepare=prepare)
