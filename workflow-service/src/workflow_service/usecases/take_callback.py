"""Take the answer that a partner sends by itself to a request that waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause

from workflow_service.domain.external import ASSET, NEEDS_DATA, PREPARED, External, ExternalNotFound
from workflow_service.domain.partner_answers import read_asset, read_budget
from workflow_service.store import external_requests, tasks
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.save_verdict import store_decision

UNKNOWN_REQUEST = "The partner was asked no such request."


@dataclass(frozen=True)
class Callback:
    """The answer of a partner. `key` is the Idempotency-Key with which it was asked: task and request."""

    partner: str
    kind: str
    key: str
    answer: Mapping[str, Any]


def take_callback(database: Database, callback: Callback, cause: Cause) -> External:
    """Store a partner's answer and return the request as it is then.

    A decided request stays as it is, so a repeated callback has no further effect; the first answer that comes after a
    person's decision is kept beside it. Raises ExternalNotFound, BadAnswer.
    """
    with database.session() as session, session.begin():
        company_id = external_requests.company_of(session, _request_id(callback.key))
    if company_id is None:
        raise ExternalNotFound(UNKNOWN_REQUEST)
    with database.session(company_id) as session, session.begin():
        now = Dealer(session, {company_id: 0}).now
        task_id, request_id = _task_id(callback.key), _request_id(callback.key)
        task = tasks.lock(session, company_id, task_id)
        current = external_requests.lock(session, company_id, request_id)
        if task is None or current is None or current.task_id != task_id or current.kind != callback.kind:
            raise ExternalNotFound(UNKNOWN_REQUEST)
        if current.state in (PREPARED, NEEDS_DATA):
            raise ExternalNotFound(UNKNOWN_REQUEST)  # the partner can't know it
        if callback.kind == ASSET:
            verdict = read_asset(callback.answer, str((current.request or {})["asset_id"]))
        else:
            verdict = read_budget(callback.answer)
        return store_decision(session, task, current, verdict, callback.partner, now, cause)


def _task_id(key: str) -> int:
    return int(key.partition(":")[0])


def _request_id(key: str) -> int:
    return int(key.partition(":")[2])
