"""The people who are notified of an event.

Nobody is notified of what they did themselves, but for the receipt of a ticket.

Every function returns people with the kind of their notification, each person once.
"""

from collections.abc import Iterable, Mapping, Sequence

from notification_service.domain.kinds import Kind
from notification_service.domain.people import People, Person
from notification_service.domain.ticket import Ticket

Audience = Mapping[int, str]
"""The kind of the notification by the person's number."""


def of_creation(ticket: Ticket, people: People) -> Audience:
    """Return who is notified of a new ticket: its requester gets a receipt."""
    return _each([people.of(ticket.requester_id)], Kind.RECEIVED)


def of_assignment(assignee: str | None, actor: int | None, people: People) -> Audience:
    """Return who is notified of a task's new assignee: the assignee."""
    return _each(_staff([people.with_address(assignee)]), Kind.ASSIGNED, without=actor)


def of_team(members: Sequence[str], actor: int | None, people: People) -> Audience:
    """Return who is notified of a task that comes to a team without an assignee: the team's members."""
    return _each(_staff(people.with_address(each) for each in members), Kind.TEAM, without=actor)


def of_comment(
    ticket: Ticket, people: People, *, author: int | None, mentions: Sequence[int], internal: bool
) -> Audience:
    """Return who is notified of a comment: those whom it mentions, the assignee and, of a public one, the requester.

    An internal note is for staff alone, even where it mentions others. A requester is notified of its own ticket
    alone.
    """
    mentioned = _staff(people.of(each) for each in mentions)
    readers = _staff([people.with_address(ticket.assignee)])
    requester = people.of(ticket.requester_id)
    if requester is not None and (requester.is_staff or not internal):
        readers.append(requester)
        mentioned += [requester] if requester.user_id in mentions else []
    return {**_each(readers, Kind.COMMENT, without=author), **_each(mentioned, Kind.MENTION, without=author)}


def of_solution(ticket: Ticket, people: People) -> Audience:
    """Return who is notified of a proposed solution: the assignee, because requesters don't see proposals."""
    return _each(_staff([people.with_address(ticket.assignee)]), Kind.SOLUTION)


def of_approval(leads: Sequence[str], actor: int | None, people: People) -> Audience:
    """Return who is notified of a step that waits for an approval: the leads, the managers where there is none."""
    found = _staff(people.with_address(each) for each in leads)
    return _each(found or people.managers(), Kind.APPROVAL, without=actor)


def of_clock(kind: Kind, assignee: str | None, people: People) -> Audience:
    """Return who is notified of a clock's warning or breach: the assignee and the managers."""
    return _each([*_staff([people.with_address(assignee)]), *people.managers()], kind)


def _staff(people: Iterable[Person | None]) -> list[Person]:
    return [each for each in people if each is not None and each.is_staff]


def _each(people: Iterable[Person | None], kind: Kind, *, without: int | None = None) -> dict[int, Kind]:
    return {each.user_id: kind for each in people if each is not None and each.user_id != without}
