"""Request an evaluation on a file with labels, or on the company's own tickets."""

import zlib

import orjson
from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.domain.evaluation import (
    MAX_OPEN_EVALUATIONS,
    MIN_ROWS,
    EvaluationData,
    EvaluationNotFound,
    EvaluationPlan,
    NothingToEvaluate,
    TooManyEvaluations,
)
from ai_service.store import companies, evaluations, ground_truth
from ai_service.store.evaluations import Evaluation

MAX_NAME_CHARACTERS = 200


def evaluate_file(
    session: Session,
    company_id: int,
    name: str,
    data: EvaluationData,
    plan: EvaluationPlan,
    requested_by: str,
    cause: Cause,
    *,
    idempotency_key: IdempotencyKey[Evaluation],
) -> Evaluation:
    """Request an evaluation on labelled texts. Raises TooManyEvaluations, and Replayed for a repeated key."""
    with session.begin():
        idempotency_key.claim(session)
        evaluation = _request(session, company_id, "file", name, data, plan, requested_by, cause)
        idempotency_key.store(session, evaluation)
    return evaluation


def backtest(
    session: Session,
    company_id: int,
    tickets: int,
    plan: EvaluationPlan,
    requested_by: str,
    cause: Cause,
    *,
    idempotency_key: IdempotencyKey[Evaluation],
) -> Evaluation:
    """Request an evaluation on the newest `tickets` that are closed or that a person routed.

    A head is trained on the older tickets; its answers, and the predictions made at the time, are compared with the
    tickets' final departments. Raises NothingToEvaluate, TooManyEvaluations, and Replayed for a repeated
    Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        newest = ground_truth.newest(session, company_id, tickets)
        if len(newest) < MIN_ROWS:
            raise NothingToEvaluate(
                f"{len(newest)} tickets are closed or were routed by a person; at least {MIN_ROWS} are needed"
            )
        older = ground_truth.labelled_before(session, company_id, newest[0].created_at)
        departments = companies.find(session, company_id).departments
        data = EvaluationData(
            rows=[(each.text, each.label) for each in older],
            test=[(each.text, each.label) for each in newest],
            labels={each.name: each.description for each in departments},
            by_people=[each.by_person for each in newest],
            predictions=[(each.predicted, each.confidence, each.accepted) for each in newest],
        )
        title = f"last {len(newest)} tickets"
        evaluation = _request(session, company_id, "backtest", title, data, plan, requested_by, cause)
        idempotency_key.store(session, evaluation)
    return evaluation


def find(session: Session, company_id: int, number: int) -> Evaluation:
    """Return an evaluation. Raises EvaluationNotFound."""
    found = evaluations.get(session, company_id, number)
    if found is None:
        raise EvaluationNotFound(f"there is no evaluation {number}")
    return found


def _request(
    session: Session,
    company_id: int,
    kind: str,
    name: str,
    data: EvaluationData,
    plan: EvaluationPlan,
    requested_by: str,
    cause: Cause,
) -> Evaluation:
    if evaluations.lock_and_count_open(session, company_id) >= MAX_OPEN_EVALUATIONS:
        raise TooManyEvaluations(f"{MAX_OPEN_EVALUATIONS} evaluations are waiting or running already")
    job = zlib.compress(orjson.dumps({"plan": plan.to_json(), "material": data.to_json()}), 1)
    number = evaluations.insert(
        session,
        company_id,
        kind=kind,
        name=name[:MAX_NAME_CHARACTERS],
        requested_by=requested_by,
        plan=plan.to_json(),
        job=job,
    )
    outbox.add(session, events.evaluation_requested(company_id, number, requested_by, cause))
    found = evaluations.get(session, company_id, number)
    assert found is not None
    return found
