"""A new ticket is read, and what it is about is announced."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging import outbox
from service_kit.messaging.event import Event
from service_kit.messaging.subscription import Delivery, Handler
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.domain.answer import Answer
from ai_service.domain.categorized import Categorized
from ai_service.domain.priority.levels import Priority
from ai_service.domain.written import as_written
from ai_service.store import examples, predictions, shadow, training
from ai_service.store.examples import TicketSaid
from ai_service.store.predictions import Prediction
from ai_service.store.shadow import Reading
from ai_service.usecases.categorize import Categorizer
from ai_service.usecases.train_models import ask_where_due


@dataclass(frozen=True)
class Created:
    """What this service needs of `ticket.created`."""

    ticket_id: int
    ticket_uuid: str
    title: str
    description: str
    priority: Priority


def handler(categorizer: Categorizer, metrics: Metrics, threshold: int) -> Handler[Created]:
    """Return the handler of `ticket.created`.

    After `threshold` tickets a training is asked for, where there is anything new to learn.
    """
    step = metrics.histogram(
        "workflow_step_duration_seconds", "Time one step of a ticket's way takes.", ("step",)
    ).labels("categorize")

    def prepare(delivery: Delivery[Created]) -> Categorized:
        """Climb the ladder, which may take seconds, before any transaction begins."""
        with step.time():
            text = as_written(delivery.body.title, delivery.body.description)
            return categorizer.categorize_new(
                delivery.envelope.company_id, text, delivery.body.priority, received_at=delivery.received_at
            )

    def apply(session: Session, deliveries: Sequence[Delivery[Created]]) -> None:
        """Keep what was said and announce it, once per event."""
        said = [
            Prediction(delivery.envelope.company_id, delivery.body.ticket_id, delivery.prepared)
            for delivery in deliveries
        ]
        examples.keep_texts(
            session,
            [
                TicketSaid(
                    each.envelope.company_id,
                    each.body.ticket_id,
                    _learnt_from(each.body),
                    each.envelope.time,
                )
                for each in deliveries
            ],
        )
        shadow.keep(session, [_shadow(each, each.said.shadow) for each in said if each.said.shadow is not None])
        read = Counter(each.company_id for each in said)
        training.count(session, dict(sorted(read.items())))
        appended = predictions.append(session, said)
        ask_where_due(session, read, appended.analyses, threshold)
        categorizer.keep(session, [(each.company_id, each.ticket_id, each.said) for each in said])
        outbox.add_all(session, [_announced(*one) for one in zip(deliveries, said, appended.revisions, strict=True)])

    return Handler(Created, apply, prepare, cheap=not categorizer.has_models)


def _learnt_from(body: Created) -> str:
    """Return the text to learn from: the one that new tickets are read by."""
    text = as_written(body.title, body.description)
    return f"{text.title}\n{text.description}"


def _shadow(prediction: Prediction, answer: Answer) -> Reading:
    return Reading(
        prediction.company_id,
        prediction.ticket_id,
        answer.department,
        answer.confidence / 100,
        not answer.need_admin,
        answer.decided_by,
        answer.model,
    )


def _announced(delivery: Delivery[Created], prediction: Prediction, revision: int) -> Event:
    return events.ticket_categorized(
        prediction.said,
        company=prediction.company_id,
        ticket_id=prediction.ticket_id,
        ticket_uuid=delivery.body.ticket_uuid,
        revision=revision,
        cause=delivery.envelope.cause,
    )
