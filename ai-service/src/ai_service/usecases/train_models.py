"""Ask for a training, and say which model serves."""

from collections.abc import Mapping
from uuid import uuid4

from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.domain.learning import BY_THRESHOLD, ModelNotFound, NothingServes, RunOpen, due
from ai_service.store import models, training
from ai_service.store.models import Model
from ai_service.store.training import Run


def request_run(session: Session, company: int, asked_by: str, cause: Cause, *, again: Once[Run]) -> Run:
    """Enter a run and have it begun. Raises RunOpen, and AnsweredBefore for a repeated Idempotency-Key."""
    with session.begin():
        again.claim(session)
        run = enter_run(session, company, asked_by, cause)
        if run is None:
            raise RunOpen("a training is under way already")
        found = training.get(session, company, run)
        assert found is not None
        again.remember(session, found)
    return found


def enter_run(session: Session, company: int, asked_by: str, cause: Cause | None = None) -> int | None:
    """Enter a run and announce it, in the caller's transaction; None where one is open."""
    # Who reads tickets holds the count before they enter a run, so everybody must: else two wait for each other.
    training.hold_count(session, company)
    run = training.enter(session, company, asked_by)
    if run is not None:
        training.start_over(session, company)
        outbox.add(session, events.training_requested(company, run, asked_by, cause or Cause(request_id=uuid4().hex)))
    return run


def count_analysis(session: Session, company: int, threshold: int) -> None:
    """Count a text that was analyzed by API, as tickets are counted, and ask for a training where that is due."""
    with session.begin():
        ask_where_due(session, {company: 1}, {company: training.count_one(session, company)}, threshold)


def ask_where_due(session: Session, read: Mapping[int, int], analyses: Mapping[int, int], threshold: int) -> None:
    """Enter runs of companies that had enough texts read.

    `read` says how many texts of each company were read just now, `analyses` how many since its last run. A run with
    nothing new to learn says so and ends; where the latest run did, the next one waits for something new.
    """
    for company, added in sorted(read.items()):
        if due(analyses[company], added, threshold) and (
            training.something_new(session, company) or not training.found_nothing_new(session, company)
        ):
            enter_run(session, company, BY_THRESHOLD)


def promote(session: Session, company: int, version: str, cause: Cause, *, again: Once[Model]) -> Model:
    """Let a model serve. Raises ModelNotFound, and AnsweredBefore for a repeated Idempotency-Key."""
    with session.begin():
        again.claim(session)
        found = models.get(session, company, version)
        if found is None:
            raise ModelNotFound(f"there is no model {version}")
        if not found.serving:
            serve(session, company, found, cause)
        after = models.get(session, company, version)
        assert after is not None
        again.remember(session, after)
    return after


def roll_back(session: Session, company: int, cause: Cause, *, again: Once[Model | None]) -> Model | None:
    """Let the model serve that did so before; None where there was none.

    Raises NothingServes, and AnsweredBefore for a repeated Idempotency-Key: sent twice it must not go back two models.
    """
    with session.begin():
        again.claim(session)
        now = models.serving(session, company)
        if now is None:
            raise NothingServes("no model serves, so there is nothing to roll back")
        before = models.before(session, company)
        if before is None:
            models.serve(session, company, None)
        else:
            models.serve_again(session, company, before.version)
        _announce(session, company, before, cause)
        after = models.serving(session, company)
        again.remember(session, after)
    return after


def serve(session: Session, company: int, model: Model | None, cause: Cause) -> None:
    """Let a model serve, or none, and announce it, in the caller's transaction."""
    models.serve(session, company, model.version if model else None)
    _announce(session, company, model, cause)


def _announce(session: Session, company: int, model: Model | None, cause: Cause) -> None:
    outbox.add(session, events.model_promoted(company, model, training.next_promotion(session, company), cause))
