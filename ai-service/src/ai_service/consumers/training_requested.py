"""`training.requested`: train outside any transaction, then store the model and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.adapters.local.trainer import TrainingResult
from ai_service.dependencies import Dependencies
from ai_service.store import examples, models, training, tuned_encoders
from ai_service.store.models import Model
from ai_service.usecases.train_models import serve


@dataclass(frozen=True)
class Requested:
    """The fields of `training.requested` that this service uses."""

    run_id: int


def prepare(delivery: Delivery[Requested], deps: Dependencies) -> TrainingResult:
    """Train, which may take minutes."""
    return deps.trainer.train(delivery.envelope.company_id, delivery.body.run_id)


def apply(session: Session, deliveries: Sequence[Delivery[Requested]], _deps: object) -> None:
    """Store the models and the reports; let promoted models serve."""
    for delivery in deliveries:
        company_id, run = delivery.envelope.company_id, delivery.body.run_id
        result = delivery.prepared
        if result.head is not None:
            model = Model(
                result.version, run, datetime.now(UTC), False, None,
                result.examples, result.encoder, result.evaluation,
            )  # fmt: skip
            models.add(session, company_id, model, result.head, result.team_head)
            examples.mark_held_out(session, company_id, result.held_out)
            if result.state == "promoted":
                serve(session, company_id, model, delivery.envelope.cause)
            if result.tuned is not None:
                tuned_encoders.add(session, company_id, model.version, result.tuned)
            tuned_encoders.delete_old(session, company_id)
        training.finish(
            session,
            company_id,
            run,
            state=result.state,
            examples=result.examples,
            version=result.version,
            report=result.report,
            error=result.error,
        )


CONSUMER = Consumer("training.requested", view=Requested, apply=apply, queue="train", prepare=prepare)
