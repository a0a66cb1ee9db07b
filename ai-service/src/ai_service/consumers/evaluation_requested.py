"""`evaluation.requested`: run the evaluation outside any transaction, then store its result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.adapters.local.evaluator import EvaluationResult
from ai_service.store import evaluations


@dataclass(frozen=True)
class Requested:
    """The fields of `evaluation.requested` that this service uses."""

    evaluation_id: int


def handler(evaluate: Callable[[int, int], EvaluationResult]) -> Handler[Requested]:
    """Return the handler; `evaluate(company_id, evaluation_id)` may take minutes."""

    def prepare(delivery: Delivery[Requested]) -> EvaluationResult:
        return evaluate(delivery.envelope.company_id, delivery.body.evaluation_id)

    def apply(session: Session, deliveries: Sequence[Delivery[Requested]]) -> None:
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

    return Handler(Requested, apply, prepare)
