"""A training was asked for: it is done outside any transaction, and what came of it is kept in one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.adapters.local.trainer import Outcome
from ai_service.store import examples, models, training, tuned_encoders
from ai_service.store.models import Model
from ai_service.usecases.train_models import serve


@dataclass(frozen=True)
class Requested:
    """What this service needs of `training.requested`."""

    run_id: int


def handler(train: Callable[[int, int], Outcome]) -> Handler[Requested]:
    """Return the handler; `train(company, run)` may take minutes."""

    def prepare(delivery: Delivery[Requested]) -> Outcome:
        return train(delivery.envelope.company_id, delivery.body.run_id)

    def apply(session: Session, deliveries: Sequence[Delivery[Requested]]) -> None:
        for delivery in deliveries:
            company, run, outcome = delivery.envelope.company_id, delivery.body.run_id, delivery.prepared
            if outcome.head is not None:
                made = Model(
                    outcome.version, run, datetime.now(UTC), False, None,
                    outcome.examples, outcome.encoder, outcome.evaluation,
                )  # fmt: skip
                models.add(session, company, made, outcome.head, outcome.team_head)
                examples.hold_out(session, company, outcome.held_out)
                if outcome.state == "promoted":
                    serve(session, company, made, delivery.envelope.cause)
                if outcome.tuned is not None:
                    tuned_encoders.add(session, company, made.version, outcome.tuned)
                tuned_encoders.sweep(session, company)
            training.end(
                session,
                company,
                run,
                state=outcome.state,
                examples=outcome.examples,
                version=outcome.version,
                report=outcome.report,
                error=outcome.error,
            )

    return Handler(Requested, apply, prepare)
