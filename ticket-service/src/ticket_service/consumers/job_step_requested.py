"""`job.step.requested`: process the next items of a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.dependencies import Dependencies
from ticket_service.usecases.take_job_step import StepTools, take_step


@dataclass(frozen=True)
class StepRequested:
    """The fields of `job.step.requested` that this service uses."""

    job_id: str
    step: int


def apply(session: Session, deliveries: Sequence[Delivery[StepRequested]], deps: Dependencies) -> None:
    """Process some items with their results, and announce the company's next step."""
    tools = StepTools(deps.database, deps.errors, deps.metrics.count_created)
    for delivery in deliveries:
        take_step(session, delivery.envelope.company_id, UUID(delivery.body.job_id), delivery.body.step, tools)


CONSUMER = Consumer("job.step.requested", view=StepRequested, apply=apply, queue="advance-jobs")
