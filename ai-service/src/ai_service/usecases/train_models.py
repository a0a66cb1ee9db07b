"""Request trainings, and choose the serving model."""

from collections.abc import Mapping
from uuid import uuid4

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.domain.training import BY_THRESHOLD, ModelNotFound, NoServingModel, TrainingInProgress, is_due
from ai_service.store import models, training
from ai_service.store.models import Model
from ai_service.store.training import Run


def request_training(
    session: Session, company_id: int, requested_by: str, cause: Cause, *, idempotency_key: IdempotencyKey[Run]
) -> Run:
    """Request a training. Raises TrainingInProgress, and Replayed for a repeated Idempotency-Key."""
    with session.begin():
        idempotency_key.claim(session)
        run = insert_run(session, company_id, requested_by, cause)
        if run is None:
            raise TrainingInProgress("a training is under way already")
        found = training.get(session, company_id, run)
        assert found is not None
        idempotency_key.store(session, found)
    return found


def insert_run(session: Session, company_id: int, requested_by: str, cause: Cause | None = None) -> int | None:
    """Insert a run and publish its request, in the caller's transaction; None where one is open."""
    # The consumer of new tickets locks the count before it inserts a run. Any other order could deadlock with it.
    training.lock_count(session, company_id)
    run = training.insert(session, company_id, requested_by)
    if run is not None:
        training.reset_count(session, company_id)
        outbox.add(
            session, events.training_requested(company_id, run, requested_by, cause or Cause(request_id=uuid4().hex))
        )
    return run


def count_analysis(session: Session, company_id: int, threshold: int) -> None:
    """Count a text that was analyzed by API, and request a training if it is due."""
    with session.begin():
        request_due_trainings(
            session, {company_id: 1}, {company_id: training.count_one(session, company_id)}, threshold
        )


def request_due_trainings(
    session: Session, added: Mapping[int, int], analyses: Mapping[int, int], threshold: int
) -> None:
    """Insert runs for the companies whose analyses have reached the threshold.

    `added` is the number of texts analyzed just now, by company, `analyses` the number since its last run. A run
    without new labels ends at once; after such a run the next one needs new labels.
    """
    for company_id, number in sorted(added.items()):
        if is_due(analyses[company_id], number, threshold) and (
            training.has_new_labels(session, company_id) or not training.found_no_new_labels(session, company_id)
        ):
            insert_run(session, company_id, BY_THRESHOLD)


def promote(
    session: Session, company_id: int, version: str, cause: Cause, *, idempotency_key: IdempotencyKey[Model]
) -> Model:
    """Make a model the serving one. Raises ModelNotFound, and Replayed for a repeated Idempotency-Key."""
    with session.begin():
        idempotency_key.claim(session)
        found = models.get(session, company_id, version)
        if found is None:
            raise ModelNotFound(f"there is no model {version}")
        if not found.serving:
            serve(session, company_id, found, cause)
        after = models.get(session, company_id, version)
        assert after is not None
        idempotency_key.store(session, after)
    return after


def roll_back(
    session: Session, company_id: int, cause: Cause, *, idempotency_key: IdempotencyKey[Model | None]
) -> Model | None:
    """Make the previous model the serving one again and return it; None where there was none.

    Raises NoServingModel, and Replayed for a repeated Idempotency-Key: sent twice it must not go back two models.
    """
    with session.begin():
        idempotency_key.claim(session)
        if models.serving(session, company_id) is None:
            raise NoServingModel("no model serves, so there is nothing to roll back")
        previous = models.previous(session, company_id)
        if previous is None:
            models.serve(session, company_id, None)
        else:
            models.restore(session, company_id, previous.version)
        _publish(session, company_id, previous, cause)
        after = models.serving(session, company_id)
        idempotency_key.store(session, after)
    return after


def serve(session: Session, company_id: int, model: Model | None, cause: Cause) -> None:
    """Make a model the serving one, or none, and publish that, in the caller's transaction."""
    models.serve(session, company_id, model.version if model else None)
    _publish(session, company_id, model, cause)


def _publish(session: Session, company_id: int, model: Model | None, cause: Cause) -> None:
    outbox.add(session, events.model_promoted(company_id, model, training.next_promotion(session, company_id), cause))
