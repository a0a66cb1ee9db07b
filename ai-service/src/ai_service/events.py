"""The events that this service publishes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from eventbus.event import Event
from eventbus.wire import rfc3339
from service_kit.telemetry.cause import Cause

from ai_service.domain.categorization import Categorization
from ai_service.store.models import Model


def ticket_categorized(
    categorization: Categorization,
    *,
    company_id: int,
    ticket_id: int,
    ticket_uuid: UUID | str,
    given: Mapping[str, str | None],
    revision: int,
    cause: Cause,
) -> Event:
    """Return the event of a ticket's categorization; `revision` counts the predictions of the ticket.

    `given` has the body's fields with what the ticket's sender gave.
    """
    classification, team = categorization.classification, categorization.team
    scores = classification.local_scores
    return Event(
        "ticket.categorized",
        subject=str(ticket_id),
        company_id=company_id,
        revision=revision,
        cause=cause,
        body={
            "ticket_id": ticket_id,
            "ticket_uuid": str(ticket_uuid),
            "company_id": company_id,
            "department": classification.department,
            "category": categorization.category,
            "priority": categorization.prioritized.priority,
            "priority_reason": categorization.prioritized.reason,
            **given,
            "confidence_score": classification.confidence,
            "need_admin": classification.need_admin,
            "decided_by": classification.decided_by,
            "reason": classification.reason,
            "bert_category": scores.category if scores else None,
            "bert_confidence": scores.confidence if scores else None,
            "similarity_score": team.similarity if team else None,
            "assigned_team_id": team.team_id if team and team.accepted else None,
            "model": classification.model,
            "duration_ms": categorization.duration_ms,
            "categorized_at": _now(),
        },
    )


def training_requested(company_id: int, run: int, requested_by: str, cause: Cause) -> Event:
    """Return the request of a training, which one replica of this service consumes."""
    return Event(
        "training.requested",
        subject=f"training:{company_id}:{run}",
        company_id=company_id,
        revision=1,
        cause=cause,
        body={"company_id": company_id, "run_id": run, "asked_by": requested_by[:200], "requested_at": _now()},
    )


def training_export_outdated(company_id: int, ticket_id: int, cause: Cause) -> Event:
    """Return the request to remove a company's export; `ticket_id` is a deleted ticket that it may hold."""
    return Event(
        "training.export.outdated",
        subject=f"training-export:{company_id}:{ticket_id}",
        company_id=company_id,
        revision=1,
        cause=cause,
        body={"company_id": company_id, "outdated_at": _now()},
    )


def evaluation_requested(company_id: int, number: int, requested_by: str, cause: Cause) -> Event:
    """Return the request of an evaluation, which one replica of this service consumes."""
    return Event(
        "evaluation.requested",
        subject=f"evaluation:{company_id}:{number}",
        company_id=company_id,
        revision=1,
        cause=cause,
        body={
            "company_id": company_id,
            "evaluation_id": number,
            "asked_by": requested_by[:200],
            "requested_at": _now(),
        },
    )


def model_promoted(company_id: int, model: Model | None, number: int, cause: Cause) -> Event:
    """Return the event of a change of the serving model, to `model` or to none; `number` counts such changes."""
    figures = (model.evaluation if model else None) or {}
    return Event(
        "model.promoted",
        subject=f"model:{company_id}",
        company_id=company_id,
        revision=number,
        cause=cause,
        body={
            "company_id": company_id,
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
