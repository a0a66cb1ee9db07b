"""`ticket.created`, and `solution.requested` of external producers: propose steps that may solve a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.publish import outbox
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.dependencies import Dependencies
from rag_service.domain.answering.answer import Step
from rag_service.domain.answering.citation import APPROVED, Source
from rag_service.store import documents, proposals
from rag_service.usecases.answer import Answerer
from rag_service.usecases.results import Solution
from rag_service.usecases.wait_for_vectors import retried_while_vectors_are_down

MAX_ITEMS, MAX_CHUNKS_PER_STEP, MAX_STEP_CHARACTERS = 50, 20, 4_000
"""Limits of the event; an approved step may have as many characters, and its citation besides."""


@dataclass(frozen=True)
class Asked:
    """The fields of both events that this service uses."""

    ticket_id: int
    ticket_uuid: str | None
    title: str
    description: str


def prepare(delivery: Delivery[Asked], deps: Dependencies) -> Solution:
    """Propose steps; this may call Claude."""
    answerer = deps.answerers.answerer(delivery.envelope.company_id, deps.event_retriever)
    with retried_while_vectors_are_down():
        return solved(answerer, delivery.body.title, delivery.body.description)


def solved(answerer: Answerer, title: str, description: str) -> Solution:
    """Solve a ticket like `/rag/solution`: its title is context; where the text finds nothing, it is asked too."""
    if not description.strip():
        return answerer.solution(title.strip())
    found = answerer.solution(description, f"title: {title}" if title.strip() else "")
    if found.steps or found.usages or found.failures or not title.strip():
        return found
    return answerer.solution(f"{title}\n\n{description}".strip())


def has_knowledge(delivery: Delivery[Asked], deps: Dependencies) -> bool:
    """Return whether the company has any knowledge; without it there is nothing to propose."""
    return deps.knowledge.has_knowledge(delivery.envelope.company_id, delivery.received_at)


def apply(session: Session, deliveries: Sequence[Delivery[Asked]], _deps: object) -> None:
    """Publish the proposals and the cost of their calls."""
    announced = []
    for delivery in deliveries:
        company_id, body, cause = delivery.envelope.company_id, delivery.body, delivery.envelope.cause
        solution = _still_true(session, company_id, delivery.prepared)
        announced.append(
            events.solution_proposed(
                company_id,
                body.ticket_id,
                body.ticket_uuid,
                proposals.next_revision(session, company_id, body.ticket_id),
                mode=solution.mode,
                steps=[_step(each) for each in solution.steps[:MAX_ITEMS]],
                confidence=solution.confidence,
                sources=[_source(each) for each in solution.sources[:MAX_ITEMS]],
                needs_human=solution.needs_human,
                cause=cause,
            )
        )
        announced += [
            events.model_used(company_id, body.ticket_id, each.purpose, each.usage, cause) for each in solution.usages
        ]
    outbox.add_all(session, announced)


def _still_true(session: Session, company_id: int, solution: Solution) -> Solution:
    """Return the solution, without its steps if a document that they cite was deleted meanwhile."""
    rests = {UUID(each.source_id) for each in solution.sources if each.source_type != APPROVED}
    if rests <= documents.lock_existing(session, company_id, rests):
        return solution
    return replace(solution, steps=(), confidence=0.0, sources=(), needs_human=True)


def _step(step: Step) -> dict[str, object]:
    text = step.text if len(step.text) <= MAX_STEP_CHARACTERS else f"{step.text[: MAX_STEP_CHARACTERS - 1]}…"
    return {
        "order": step.order,
        "text": text,
        "chunk_ids": [str(each) for each in step.chunk_ids[:MAX_CHUNKS_PER_STEP]],
    }


def _source(source: Source) -> dict[str, object]:
    return {
        "chunk_id": str(source.chunk_id),
        "source_type": source.source_type,
        "source_id": source.source_id,
        "title": source.title[:500],
        "place": source.locator[:200],
        "score": round(source.score, 4),
    }


CONSUMER = Consumer(
    ("ticket.created", "solution.requested"),
    view=Asked,
    apply=apply,
    queue="propose",
    prepare=prepare,
    filter=has_knowledge,
)
