"""The events of tickets, their tasks and clocks: notify those whom each concerns, announce each to connected clients,
queue the messages of webhooks.

Tickets that are deleted are forgotten. Webhooks have no queue of their own: most companies have none, and each event
would be received twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from notification_service.consumers import webhook_messages
from notification_service.consumers.named_people import Members, named_people, unassigned_teams
from notification_service.consumers.ticket_events import (
    VIEWS,
    ApprovalRequested,
    Assigned,
    Changed,
    ClockEvent,
    CommentDeleted,
    Commented,
    CommentUpdated,
    Created,
    Deleted,
    SolutionProposed,
    TicketEvent,
    key_of,
)
from notification_service.dependencies import Dependencies
from notification_service.domain import audience, changes
from notification_service.domain.kinds import Kind
from notification_service.domain.people import People, number_of
from notification_service.domain.ticket import Ticket, to_tombstone
from notification_service.store import deliveries as stored_mails
from notification_service.store import inbound_mails, live_events, notifications, people, teams, tickets
from notification_service.usecases.notify import Occasion, notify

OPEN = ("pending", "in_progress")
ADDRESS_CHANGED = "address changed"
"""The action by which a task stays with a person who has another address by now."""
KIND_OF_CLOCK = {"sla.warning": Kind.SLA_WARNING, "sla.breached": Kind.SLA_BREACH}


def apply(session: Session, deliveries: Sequence[Delivery[Any]], deps: Dependencies) -> None:
    """Notify people and queue the messages of webhooks, in the order in which the events of a batch arrived."""
    followed = [delivery for delivery in deliveries if delivery.envelope.type in VIEWS]
    if followed:
        _notify_people(session, followed, deps)
    webhook_messages.queue_messages(session, deliveries)


def concerns(delivery: Delivery[Any], deps: Dependencies) -> bool:
    """Return whether an event has an effect; some are for webhooks alone, which the event's company may not have."""
    envelope = delivery.envelope
    return envelope.type in VIEWS or deps.webhook_companies.has_webhooks(envelope.company_id, delivery.received_at)


def _notify_people(session: Session, deliveries: Sequence[Delivery[TicketEvent]], deps: Dependencies) -> None:
    """Follow the tickets of events, notify people and announce the changes."""
    before = tickets.lock(session, [key_of(delivery) for delivery in deliveries])
    after = dict(before)
    members = teams.members(session, unassigned_teams(deliveries))
    found = people.find(session, named_people(deliveries, before, members))
    occasions: list[Occasion] = []
    announced: list[changes.Change] = []
    for delivery in deliveries:
        key = key_of(delivery)
        if after[key].gone:
            continue
        requester = after[key].requester_id
        after[key], occasion = _follow(after[key], delivery, found.get(key[0], People()), members)
        announced.append(_change(delivery, after[key].requester_id or requester))
        occasions += [occasion] if occasion else []
    gone = [key for key, ticket in after.items() if ticket.gone and not before[key].gone]
    tickets.save(session, before, after)
    wanted = [each for each in occasions if not after[each.company_id, each.ticket_id].gone]
    notify(session, wanted, deps.message_ids, deps.storm)
    notifications.remove_of_tickets(session, gone)
    deleted = [each for each in deliveries if isinstance(each.body, CommentDeleted)]
    stored_mails.suppress_comments(session, [(*key_of(each), each.body.comment_id) for each in deleted])
    inbound_mails.remove_of_tickets(session, gone)
    live_events.add(session, announced)


def _follow(
    ticket: Ticket, delivery: Delivery[TicketEvent], found: People, members: Members
) -> tuple[Ticket, Occasion | None]:
    """Return the ticket after an event, and the occasion to notify people; None where nobody is notified."""
    event = delivery.body
    match event:
        case Deleted():
            return to_tombstone(ticket), None
        case Changed() | CommentUpdated() | CommentDeleted():
            return ticket, None
        case Created():
            ticket = ticket._replace(requester_id=number_of(event.requester))
            return ticket, _occasion(delivery, audience.of_creation(ticket, found))
        case Assigned():
            return _assign(ticket, event, delivery, found, members)
        case Commented():
            readers = audience.of_comment(
                ticket, found, author=number_of(event.author), mentions=event.mentions, internal=event.internal
            )
            return ticket, _occasion(delivery, readers, comment_id=event.comment_id, internal=event.internal)
        case SolutionProposed():
            # Without a step nothing is proposed.
            readers = audience.of_solution(ticket, found) if event.steps else {}
            return ticket, _occasion(delivery, readers, steps=len(event.steps))
        case ApprovalRequested():
            readers = audience.of_approval(event.leads, number_of(event.actor), found)
            return ticket, _occasion(delivery, readers, step=event.step)
        case ClockEvent():
            kind = KIND_OF_CLOCK[delivery.envelope.type]
            readers = audience.of_clock(kind, event.assignee, found)
            # A warning may come late, after the due time.
            is_over = kind is Kind.SLA_WARNING and datetime.fromisoformat(event.due_at) <= datetime.now(UTC)
            over = {"is_over": True} if is_over else {}
            return ticket, _occasion(delivery, readers, clock=event.clock, due=event.due_at, **over)


def _assign(
    ticket: Ticket, event: Assigned, delivery: Delivery[TicketEvent], found: People, members: Members
) -> tuple[Ticket, Occasion | None]:
    """Store a ticket's assignee and team; a new assignee of an open task is notified, without one a new team.

    The event also reports steps, statuses and clocks. An assignee whom a later event has replaced isn't notified.
    """
    if delivery.envelope.revision <= ticket.assigned_revision:
        return ticket, None
    assignee = (event.assignee or "").lower() or None
    actor, before = number_of(event.actor), ticket
    ticket = ticket._replace(assignee=assignee, assigned_revision=delivery.envelope.revision, team_id=event.team_id)
    readers: audience.Audience = {}
    if event.action == ADDRESS_CHANGED:
        return ticket, None
    if event.status in OPEN and assignee is not None and assignee != before.assignee:
        readers = audience.of_assignment(assignee, actor, found)
    elif event.status in OPEN and assignee is None and _waiting(ticket) != _waiting(before):
        readers = audience.of_team(members.get((ticket.company_id, event.team_id or 0), []), actor, found)
    return ticket, _occasion(delivery, readers, priority=event.priority, due=event.due)


def _waiting(ticket: Ticket) -> int | None:
    """Return the team in which a ticket waits for an assignee."""
    return ticket.team_id if ticket.assignee is None else None


def _change(delivery: Delivery[TicketEvent], requester_id: int | None) -> changes.Change:
    company_id, ticket_id = key_of(delivery)
    comment = delivery.body if isinstance(delivery.body, Commented | CommentUpdated | CommentDeleted) else None
    return changes.of_ticket(
        company_id,
        ticket_id,
        requester_id,
        delivery.envelope.type,
        delivery.envelope.revision,
        comment_id=comment.comment_id if comment else None,
        internal=comment is not None and comment.internal,
    )


def _occasion(delivery: Delivery[TicketEvent], readers: audience.Audience, **facts: object) -> Occasion | None:
    company_id, ticket_id = key_of(delivery)
    return Occasion(company_id, ticket_id, delivery.envelope.id, readers, facts) if readers else None


CONSUMER: Consumer[Any, Dependencies] = Consumer(
    list(webhook_messages.VIEWS), view=webhook_messages.VIEWS, apply=apply, queue="notify-people", filter=concerns
)
