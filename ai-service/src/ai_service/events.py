"""The events this service announces."""

from datetime import UTC, datetime
from uuid import UUID

from service_kit.messaging.event import Cause, Event

from ai_service.domain.categorized import Categorized


def ticket_categorized(
    said: Categorized, *, company: int, ticket_id: int, ticket_uuid: UUID | str, revision: int, cause: Cause
) -> Event:
    """Announce where a ticket belongs. `revision` counts what this service said about the ticket."""
    answer, figures, team = said.answer, said.answer.figures, said.team
    return Event(
        "ticket.categorized",
        subject=str(ticket_id),
        company_id=company,
        revision=revision,
        cause=cause,
        body={
            "ticket_id": ticket_id,
            "ticket_uuid": str(ticket_uuid),
            "company_id": company,
            "department": answer.department,
            "category": said.category,
            "priority": said.prioritized.priority,
            "priority_reason": said.prioritized.reason,
            "confidence_score": answer.confidence,
            "need_admin": answer.need_admin,
            "decided_by": answer.decided_by,
            "reason": answer.reason,
            "bert_category": figures.category if figures else None,
            "bert_confidence": figures.confidence if figures else None,
            "similarity_score": team.similarity if team else None,
            "assigned_team_id": team.team_id if team and team.believed else None,
            "model": answer.model,
            "duration_ms": said.duration_ms,
            "categorized_at": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        },
    )
