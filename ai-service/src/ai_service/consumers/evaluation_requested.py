"""An evaluation was asked for: it is done outside any transaction, and what came of it is kept in one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.adapters.local.evaluator import Evaluated
from ai_service.store import evaluations


@dataclass(frozen=True)
class Requested:
    """What this service needs of `evaluation.requested`."""

    evaluation_id: int


def handler(evaluate: Callable[[int, int], Evaluated]) -> Handler[Requested]:
    """Return the handler; `evaluate(company, evaluation)` may take minutes."""

    def prepare(delivery: Delivery[Requested]) -> Evaluated:
        return evaluate(delivery.envelope.company_id, delivery.body.evaluation_id)

    def apply(session: Session, deliveries: Sequence[Delivery[Requested]]) -> None:
        for delivery in deliveries:
            evaluated: Evaluated = delivery.prepared
            evaluations.end(
                session,
                delivery.envelope.company_id,
                delivery.body.evaluation_id,
                report=evaluated.report,
                chart=evaluated.chart,
                error=evaluated.error,
            )

    return Handler(Requested, apply, prepare)
