"""Ask for an evaluation: of a file with labels, or of the company's own tickets."""

import zlib

import orjson
from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.domain.evaluating import (
    FEWEST_ROWS,
    MOST_OPEN,
    EvaluationNotFound,
    Material,
    NothingToEvaluate,
    Plan,
    TooManyEvaluations,
)
from ai_service.store import companies, evaluations, settled
from ai_service.store.evaluations import Evaluation

LONGEST_NAME = 200


def evaluate_file(
    session: Session,
    company: int,
    name: str,
    material: Material,
    plan: Plan,
    asked_by: str,
    cause: Cause,
    *,
    again: Once[Evaluation],
) -> Evaluation:
    """Enter an evaluation of labelled texts. Raises TooManyEvaluations, and AnsweredBefore for a repeated key."""
    with session.begin():
        again.claim(session)
        entered = _enter(session, company, "file", name, material, plan, asked_by, cause)
        again.remember(session, entered)
    return entered


def backtest(
    session: Session, company: int, tickets: int, plan: Plan, asked_by: str, cause: Cause, *, again: Once[Evaluation]
) -> Evaluation:
    """Enter an evaluation on the newest so many tickets that are closed or that a person routed.

    What older ones teach is learnt, and both that and what was said at the time are held against how they ended.
    Raises NothingToEvaluate, TooManyEvaluations, and AnsweredBefore for a repeated Idempotency-Key.
    """
    with session.begin():
        again.claim(session)
        newest = settled.newest(session, company, tickets)
        if len(newest) < FEWEST_ROWS:
            raise NothingToEvaluate(
                f"{len(newest)} tickets are closed or were routed by a person; at least {FEWEST_ROWS} are needed"
            )
        older = settled.labelled_before(session, company, newest[0].created_at)
        known = companies.find(session, company).departments
        material = Material(
            rows=[(each.text, each.label) for each in older],
            test=[(each.text, each.label) for each in newest],
            labels={each.name: each.description for each in known},
            by_people=[each.by_person for each in newest],
            said=[(each.said, each.confidence, each.believed) for each in newest],
        )
        title = f"last {len(newest)} tickets"
        entered = _enter(session, company, "backtest", title, material, plan, asked_by, cause)
        again.remember(session, entered)
    return entered


def find(session: Session, company: int, number: int) -> Evaluation:
    """Return an evaluation. Raises EvaluationNotFound."""
    found = evaluations.get(session, company, number)
    if found is None:
        raise EvaluationNotFound(f"there is no evaluation {number}")
    return found


def _enter(
    session: Session,
    company: int,
    kind: str,
    name: str,
    material: Material,
    plan: Plan,
    asked_by: str,
    cause: Cause,
) -> Evaluation:
    if evaluations.open_ones(session, company) >= MOST_OPEN:
        raise TooManyEvaluations(f"{MOST_OPEN} evaluations wait or are under way already")
    job = zlib.compress(orjson.dumps({"plan": plan.to_json(), "material": material.to_json()}), 1)
    number = evaluations.enter(
        session, company, kind=kind, name=name[:LONGEST_NAME], asked_by=asked_by, plan=plan.to_json(), job=job
    )
    outbox.add(session, events.evaluation_requested(company, number, asked_by, cause))
    found = evaluations.get(session, company, number)
    assert found is not None
    return found
