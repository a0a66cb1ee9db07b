"""`ticket.solution.proposed`: show the steps that may solve a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.domain.solution import PERSON_MODE, Solution, files_of, shown_steps
from ticket_service.domain.trail import Entry
from ticket_service.store import files, routings, solutions, trail
from ticket_service.store.routings import Key


@dataclass(frozen=True)
class Proposed:
    """The fields of `ticket.solution.proposed` that this service uses."""

    ticket_id: int
    mode: str
    steps: list[dict[str, Any]]
    confidence: float
    needs_human: bool
    sources: list[dict[str, Any]]


def apply(session: Session, deliveries: Sequence[Delivery[Proposed]], _deps: object) -> None:
    """Show the newest proposal of each ticket, and append every delivery to the trail.

    A proposal without steps is shown as such: it means that no supported solution was found. Steps that a person wrote
    stay.
    """
    files_by_company = _lock_files(session, deliveries)
    before = routings.lock_shown(session, map(_key, deliveries))
    existing = [delivery for delivery in deliveries if _key(delivery) in before]
    newest: dict[Key, Solution] = {}
    for delivery in existing:
        key, solution = _key(delivery), _solution(delivery)
        if not solution.files <= files_by_company.get(key[0], set()):
            solution = solution.without_steps()
        if before[key].solution_mode == PERSON_MODE:
            continue
        if delivery.is_latest and (key not in newest or newest[key].revision < solution.revision):
            newest[key] = solution
    solutions.show(session, newest)
    trail.append(session, [_entry(delivery, newest.get(_key(delivery))) for delivery in existing])


def _lock_files(session: Session, deliveries: Sequence[Delivery[Proposed]]) -> dict[int, set[UUID]]:
    """Return, by company, the existing files that proposals rest on, and lock them for this transaction.

    Files are locked before tickets; the deletion of a file takes both locks in the same order.
    """
    named: dict[int, set[UUID]] = {}
    for delivery in deliveries:
        if file_ids := files_of(delivery.body.sources):
            named.setdefault(delivery.envelope.company_id, set()).update(file_ids)
    files_by_company = {}
    for company_id in sorted(named):
        files.lock(session, company_id)
        files_by_company[company_id] = files.existing(session, company_id, named[company_id])
    return files_by_company


def _key(delivery: Delivery[Proposed]) -> Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


def _solution(delivery: Delivery[Proposed]) -> Solution:
    body = delivery.body
    return Solution(
        delivery.envelope.revision, body.mode, body.confidence, shown_steps(body.steps), files_of(body.sources)
    )


def _entry(delivery: Delivery[Proposed], shown: Solution | None) -> Entry:
    body, envelope = delivery.body, delivery.envelope
    # The entry omits the steps' text: it comes from files that may be deleted, and a trail is never changed.
    after = {
        "mode": body.mode,
        "confidence": body.confidence,
        "steps": len(body.steps),
        "needs_human": body.needs_human,
    }
    payload = {"after": after, "shown": shown is not None and shown.revision == envelope.revision}
    cause = f"{envelope.type} {envelope.id}"
    request_id = envelope.cause.request_id
    kind = "solution_proposed"
    return Entry(envelope.company_id, body.ticket_id, kind, envelope.source, payload, request_id, cause)


CONSUMER = Consumer("ticket.solution.proposed", view=Proposed, apply=apply, queue="show-solutions")
