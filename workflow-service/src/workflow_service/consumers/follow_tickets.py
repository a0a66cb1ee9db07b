"""`ticket.routed`, `.status.updated` and `.deleted`: begin, move, end and delete tasks, in any order of arrival."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.ticket import Ticket, to_tombstone
from workflow_service.store import facts, tasks, tickets
from workflow_service.usecases.follow_statuses import follow_statuses
from workflow_service.usecases.take_tickets import take_tickets


@dataclass(frozen=True)
class Routed:
    """The fields of `ticket.routed` that this service uses."""

    ticket_id: int
    ticket_uuid: str
    department: str
    category: str
    priority: Literal["low", "medium", "high", "urgent"]
    team_id: int | None
    team: str | None
    sub_category: str | None = None
    external_ticket_id: str | None = None


@dataclass(frozen=True)
class Deleted:
    """The fields of `ticket.deleted` that this service uses."""

    ticket_id: int


@dataclass(frozen=True)
class StatusUpdated:
    """The fields of `ticket.status.updated` that this service uses."""

    ticket_id: int
    status: str


TicketEvent = Routed | StatusUpdated | Deleted
VIEWS: dict[str, type[TicketEvent]] = {
    "ticket.routed": Routed,
    "ticket.status.updated": StatusUpdated,
    "ticket.deleted": Deleted,
}


def apply(session: Session, deliveries: Sequence[Delivery[TicketEvent]], _deps: object) -> None:
    """Apply a batch of all types with one order of locks."""
    before = tickets.lock(session, [_key(delivery) for delivery in deliveries])
    after = dict(before)
    causes: dict[Key, Cause] = {}
    moved: dict[Key, Cause] = {}
    for delivery in deliveries:
        key, event = _key(delivery), delivery.body
        if isinstance(event, Deleted):
            after[key] = to_tombstone(after[key])
        elif after[key].gone:
            continue
        elif isinstance(event, StatusUpdated):
            if delivery.envelope.revision > after[key].status_revision:
                after[key] = after[key]._replace(status=event.status, status_revision=delivery.envelope.revision)
                moved[key] = delivery.envelope.cause
        elif delivery.envelope.revision > after[key].routed_revision:
            after[key] = _routed(after[key], event, delivery.envelope.revision)
            causes[key] = delivery.envelope.cause
    gone = [key for key, ticket in after.items() if ticket.gone and not before[key].gone]
    if gone:
        tasks.remove_of_tickets(session, gone)
        facts.remove_of_tickets(session, gone)
    routed = {key: after[key] for key in causes if not after[key].gone}
    after |= take_tickets(session, routed, causes)
    tickets.save(session, before, after)
    follow_statuses(session, *_statuses(before, after, moved, causes))


def _statuses(
    before: Mapping[Key, Ticket], after: Mapping[Key, Ticket], moved: Mapping[Key, Cause], routed: Mapping[Key, Cause]
) -> tuple[dict[Key, str], dict[Key, Cause]]:
    """Return the statuses that tasks follow: new ones, and those that tickets had before they were routed."""
    late = {key: cause for key, cause in routed.items() if not before[key].routed_revision}
    causes = late | dict(moved)
    statuses = {key: after[key].status for key in causes if not after[key].gone}
    return {key: status for key, status in statuses.items() if status is not None}, causes


def _routed(ticket: Ticket, event: Routed, revision: int) -> Ticket:
    return ticket._replace(
        ticket_uuid=event.ticket_uuid,
        department=event.department,
        category=event.category,
        sub_category=event.sub_category,
        external_ticket_id=event.external_ticket_id,
        priority=event.priority,
        team_id=event.team_id,
        team=event.team,
        routed_revision=revision,
    )


def _key(delivery: Delivery[TicketEvent]) -> Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


CONSUMER: Consumer[TicketEvent, object] = Consumer(list(VIEWS), view=VIEWS, apply=apply, queue="follow-tickets")
