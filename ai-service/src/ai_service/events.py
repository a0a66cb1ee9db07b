"""The events this service announces."""

from datetime import UTC, datetime
from uuid import UUID

from service_kit.messaging.event import Cause, Event
from service_kit.messaging.wire import rfc3339

from ai_service.domain.categorized import Categorized
from ai_service.store.models import Model


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
            "categorized_at": _now(),
        },
    )


def training_requested(company: int, run: int, asked_by: str, cause: Cause) -> Event:
    """Ask for a training; its consumer is this service, one of whose replicas does it."""
    return Event(
        "training.requested",
        subject=f"training:{company}:{run}",
        company_id=company,
        revision=1,
        cause=cause,
        body={"company_id": company, "run_id": run, "asked_by": asked_by[:200], "requested_at": _now()},
    )


def training_export_outdated(company: int, ticket_id: int, cause: Cause) -> Event:
    """Have a company's export removed, for a ticket in it was deleted; `ticket_id` is one of those that were."""
    return Event(
        "training.export.outdated",
        subject=f"training-export:{company}:{ticket_id}",
        company_id=company,
        revision=1,
        cause=cause,
        body={"company_id": company, "outdated_at": _now()},
    )


def evaluation_requested(company: int, number: int, asked_by: str, cause: Cause) -> Event:
    """Ask for an evaluation; its consumer is this service, one of whose replicas does it."""
    return Event(
        "evaluation.requested",
        subject=f"evaluation:{company}:{number}",
        company_id=company,
        revision=1,
        cause=cause,
        body={"company_id": company, "evaluation_id": number, "asked_by": asked_by[:200], "requested_at": _now()},
    )


def model_promoted(company: int, model: Model | None, number: int, cause: Cause) -> Event:
    """Tell that another model serves a company, or none; `number` counts such changes."""
    figures = (model.evaluation if model else None) or {}
    return Event(
        "model.promoted",
        subject=f"model:{company}",
        company_id=company,
        revision=number,
        cause=cause,
        body={
            "company_id": company,
            "version": model.version if model else None,
            "run_id": model.run_id if model else None,
            "examples": model.examples if model else 0,
            "accuracy": figures.get("accuracy"),
            "macro_f1": figures.get("macro_f1"),
            "promoted_at": _now(),
        },
    )


def _now() -> str:
    return rfc3339(datetime.now(UTC))
