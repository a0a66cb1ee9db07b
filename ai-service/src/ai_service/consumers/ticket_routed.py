"""A ticket was routed: by a person, which is a lesson, or by a machine, which is only counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.domain.learning import due
from ai_service.store import examples, training
from ai_service.store.examples import PersonDecided
from ai_service.usecases.train_models import enter_run

PERSON = "person"
BY_THRESHOLD = "threshold"


@dataclass(frozen=True)
class Routed:
    """What this service needs of `ticket.routed`."""

    ticket_id: int
    department: str
    decided_by: str
    team_id: int | None = None
    team_by_person: bool = False


def handler(threshold: int) -> Handler[Routed]:
    """Return the handler; after `threshold` tickets a training is asked for, where there is anything new to learn."""

    def apply(session: Session, deliveries: Sequence[Delivery[Routed]]) -> None:
        """Keep what people decided, count the tickets, and ask for trainings that are due."""
        by_people = [each for each in deliveries if each.body.decided_by == PERSON]
        examples.label(
            session,
            [
                PersonDecided(
                    each.envelope.company_id,
                    each.body.ticket_id,
                    each.body.department,
                    each.envelope.revision,
                    # A team that a machine proposed and a person let be teaches nothing.
                    each.body.team_id if each.body.team_by_person else None,
                )
                for each in by_people
            ],
        )
        read = Counter(each.envelope.company_id for each in deliveries if each.body.decided_by != PERSON)
        now = training.count(session, dict(sorted(read.items()))) if read else {}
        for company, number in sorted(now.items()):
            if due(number, threshold) and training.something_new(session, company):
                enter_run(session, company, BY_THRESHOLD)

    return Handler(Routed, apply)
