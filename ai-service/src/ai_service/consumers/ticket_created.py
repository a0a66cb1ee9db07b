"""`ticket.created`: categorize the ticket, store the prediction and publish `ticket.categorized`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.event import Event
from eventbus.publish import outbox
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.dependencies import Dependencies
from ai_service.domain.authored_text import authored_text
from ai_service.domain.categorization import Categorization
from ai_service.domain.classification import Classification
from ai_service.domain.priority.levels import Priority
from ai_service.domain.ticket_text import TicketText
from ai_service.store import examples, predictions, shadow_predictions, training
from ai_service.store.examples import ExampleText
from ai_service.store.predictions import Prediction
from ai_service.store.shadow_predictions import ShadowPrediction
from ai_service.usecases.train_models import request_due_trainings

GIVEN_FIELDS = ("given_category", "given_priority", "sub_category", "external_ticket_id")


@dataclass(frozen=True)
class Created:
    """The fields of `ticket.created` that this service uses."""

    ticket_id: int
    ticket_uuid: str
    title: str
    description: str
    priority: Priority
    given_category: str | None = None
    given_priority: Priority | None = None
    sub_category: str | None = None
    external_ticket_id: str | None = None

    def given(self) -> dict[str, str | None]:
        """Return what the ticket's sender gave: it is passed on, so that nobody needs both events for it."""
        return {name: getattr(self, name) for name in GIVEN_FIELDS}


@dataclass(frozen=True)
class Prepared:
    """The text that the classifiers read, and what they decided."""

    text: TicketText
    categorization: Categorization


def prepare(delivery: Delivery[Created], deps: Dependencies) -> Prepared:
    """Run the classifier cascade, which may take seconds, before any transaction begins."""
    with deps.metrics.categorization():
        text = authored_text(delivery.body.title, delivery.body.description)
        categorization = deps.categorizer.categorize_new(
            delivery.envelope.company_id, text, delivery.body.priority, received_at=delivery.received_at
        )
    return Prepared(text, categorization)


def apply(session: Session, deliveries: Sequence[Delivery[Created]], deps: Dependencies) -> None:
    """Store the predictions and publish them, once per event."""
    made = [
        Prediction(delivery.envelope.company_id, delivery.body.ticket_id, delivery.prepared.categorization)
        for delivery in deliveries
    ]
    examples.upsert_texts(session, [_example(delivery) for delivery in deliveries])
    shadowed = [(each, each.categorization.shadow) for each in made]
    shadow_predictions.insert(session, [_shadow(each, shadow) for each, shadow in shadowed if shadow is not None])
    added = Counter(each.company_id for each in made)
    training.count(session, dict(sorted(added.items())))
    appended = predictions.append(session, made)
    request_due_trainings(session, added, appended.analyses, deps.training_threshold)
    deps.categorizer.save(session, [(each.company_id, each.ticket_id, each.categorization) for each in made])
    outbox.add_all(session, [_event(*one) for one in zip(deliveries, made, appended.revisions, strict=True)])


def is_cheap(deps: Dependencies) -> bool:
    """Return whether a ticket is categorized without a model."""
    return not deps.categorizer.has_models


def _example(delivery: Delivery[Created]) -> ExampleText:
    text: TicketText = delivery.prepared.text
    return ExampleText(
        delivery.envelope.company_id,
        delivery.body.ticket_id,
        f"{text.title}\n{text.description}",
        delivery.envelope.time,
    )


def _shadow(prediction: Prediction, classification: Classification) -> ShadowPrediction:
    return ShadowPrediction(
        prediction.company_id,
        prediction.ticket_id,
        classification.department,
        classification.confidence / 100,
        not classification.need_admin,
        classification.decided_by,
        classification.model,
    )


def _event(delivery: Delivery[Created], prediction: Prediction, revision: int) -> Event:
    return events.ticket_categorized(
        prediction.categorization,
        company_id=prediction.company_id,
        ticket_id=prediction.ticket_id,
        ticket_uuid=delivery.body.ticket_uuid,
        given=delivery.body.given(),
        revision=revision,
        cause=delivery.envelope.cause,
    )


CONSUMER = Consumer(
    "ticket.created", view=Created, apply=apply, queue="categorize", prepare=prepare, skip_dedup_check=is_cheap
)
