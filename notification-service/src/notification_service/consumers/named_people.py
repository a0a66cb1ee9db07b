"""The people and teams that events of tickets name, which are looked up before anybody is notified."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from eventbus.subscription import Delivery
from projection_kit.locked_rows import Key

from notification_service.consumers.ticket_events import (
    ApprovalRequested,
    Assigned,
    ClockEvent,
    Commented,
    Created,
    TicketEvent,
    key_of,
)
from notification_service.domain.people import number_of
from notification_service.domain.ticket import Ticket
from notification_service.store.people import Named

Members = Mapping[Key, Sequence[str]]
"""The addresses of the members of teams, by company and team."""


def unassigned_teams(deliveries: Sequence[Delivery[TicketEvent]]) -> Iterator[Key]:
    """Yield the teams that tickets come to without an assignee, by company and team."""
    for each in deliveries:
        if isinstance(each.body, Assigned) and each.body.assignee is None and each.body.team_id is not None:
            yield each.envelope.company_id, each.body.team_id


def named_people(
    deliveries: Sequence[Delivery[TicketEvent]], known: Mapping[Key, Ticket], members: Members
) -> dict[int, Named]:
    """Return whom the events and their tickets name, by company."""
    named: defaultdict[int, Named] = defaultdict(Named)
    for (company_id, _), team in members.items():
        named[company_id].addresses |= set(team)
    for delivery in deliveries:
        ticket, event, each = known[key_of(delivery)], delivery.body, named[delivery.envelope.company_id]
        numbers = [ticket.requester_id]
        addresses = [ticket.assignee]
        match event:
            case Created():
                numbers.append(number_of(event.requester))
            case Assigned():
                addresses.append(event.assignee)
            case Commented():
                numbers += event.mentions
            case ApprovalRequested():
                addresses += event.leads
                each.with_managers = True
            case ClockEvent():
                addresses.append(event.assignee)
                each.with_managers = True
        each.ids |= {number for number in numbers if number is not None}
        each.addresses |= {address.lower() for address in addresses if address}
    return dict(named)
