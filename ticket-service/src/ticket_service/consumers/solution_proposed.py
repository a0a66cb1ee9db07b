"""`ticket.solution.proposed`: show the steps that may solve a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.domain.solution import Solution, files_of, shown_steps
from ticket_service.domain.trail import Entry
from ticket_service.store import files, routings, solutions, trail
from ticket_service.store.routings import Key


@dataclass(frozen=True)
class Proposed:
    """What this service needs of `ticket.solution.proposed`."""

    ticket_id: int
    mode: str
    steps: list[dict[str, Any]]
    confidence: float
    needs_human: bool
    sources: list[dict[str, Any]]


def apply(session: Session, deliveries: Sequence[Delivery[Proposed]]) -> None:
    """Show the newest proposal of each ticket; the trail tells of all.

    A proposal without steps is shown as such: nothing was found that would hold, which is an answer too.
    """
    kept = _kept_files(session, deliveries)
    known = routings.lock_shown(session, map(_key, deliveries))
    told = [delivery for delivery in deliveries if _key(delivery) in known]
    newest: dict[Key, Solution] = {}
    for delivery in told:
        key, solution = _key(delivery), _solution(delivery)
        if not solution.files <= kept.get(key[0], set()):
            solution = solution.without_words()
        if delivery.newest and (key not in newest or newest[key].revision < solution.revision):
            newest[key] = solution
    solutions.show(session, newest)
    trail.append(session, [_entry(delivery, newest.get(_key(delivery))) for delivery in told])


def _kept_files(session: Session, deliveries: Sequence[Delivery[Proposed]]) -> dict[int, set[UUID]]:
    """Return the files that proposals rest on and that are still there, and keep them there for this transaction.

    Held before any ticket is: whoever deletes a file takes both in this order.
    """
    named: dict[int, set[UUID]] = {}
    for delivery in deliveries:
        if found := files_of(delivery.body.sources):
            named.setdefault(delivery.envelope.company_id, set()).update(found)
    kept = {}
    for company in sorted(named):
        files.lock(session, company)
        kept[company] = files.existing(session, company, named[company])
    return kept


def _key(delivery: Delivery[Proposed]) -> Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


def _solution(delivery: Delivery[Proposed]) -> Solution:
    body = delivery.body
    return Solution(
        delivery.envelope.revision, body.mode, body.confidence, shown_steps(body.steps), files_of(body.sources)
    )


def _entry(delivery: Delivery[Proposed], shown: Solution | None) -> Entry:
    body, envelope = delivery.body, delivery.envelope
    # Without the steps' words: they come from files, which may be deleted, and a trail is never changed.
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
