"""A person's edit of a ticket, and the routing that the person requests with it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from ticket_service.domain import lifecycle
from ticket_service.domain.enums import PERSON, Priority, Status
from ticket_service.domain.errors import UnfitTeam, UnknownDepartment, UnknownTeam
from ticket_service.domain.teams import NamedTeam, Team
from ticket_service.domain.ticket import Ticket


@dataclass(frozen=True)
class Edit:
    """The new values of a ticket's fields; None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    priority: Priority | None = None
    status: Status | None = None
    department: str | None = None
    team: NamedTeam | None = None
    category: str | None = None
    sub_category: str | None = None


@dataclass(frozen=True)
class Choices:
    """The departments that take tickets, and the team with the name that the edit gives, if any."""

    departments: Collection[str]
    team: Team | None = None


@dataclass(frozen=True)
class OwnerAnswers:
    """The answers of their owners about the department and the team that an edit names."""

    takes_tickets: bool | None = None
    """None: the edit names no department, or its owner is unavailable."""
    team: Team | None = None


@dataclass(frozen=True)
class RoutingRequest:
    """A person's request for a department, a team or both.

    `names_team` is true where the request names a team; with it, `team` None requests no team. `department` None leaves
    the ticket in its department at the time when routing-service handles the request.
    """

    department: str | None
    names_team: bool = False
    team: Team | None = None


@dataclass(frozen=True)
class Edited:
    """A ticket after an edit. `changed` names the fields that differ; `moved` marks a new status.

    The `request` isn't applied to the ticket; routing-service decides on it. A request for the shown department is
    published too, without a change: a newer routing that this service doesn't show yet may be on its way, and the last
    request wins.
    """

    ticket: Ticket
    changed: tuple[str, ...]
    moved: bool
    request: RoutingRequest | None


def edited(ticket: Ticket, edit: Edit, choices: Choices) -> Edited:
    """Return the ticket after an edit; equal values are no change.

    Raises IllegalMove where the new status may not follow, UnknownDepartment, UnknownTeam, UnfitTeam.
    """
    wanted: dict[str, Any] = {
        name: value for name, value in _texts(edit).items() if value is not None and value != getattr(ticket, name)
    }
    if edit.priority is not None and (edit.priority is not ticket.priority or not ticket.priority_given):
        wanted |= {"priority": edit.priority, "priority_given": True}
    if edit.category is not None and (edit.category != ticket.category or not ticket.category_given):
        wanted |= {"category": edit.category, "category_given": True}
    moved = edit.status is not None and lifecycle.move(ticket.status, edit.status)
    changed = [name for name in wanted if name not in ("category_given", "priority_given")]
    request = requested_routing(ticket, edit, choices)
    if request is not None and not _shown_already(ticket, request):
        if request.department is not None and (edit.department is not None or request.department != ticket.department):
            changed.append("department")
        if request.names_team:
            changed.append("team")
    if moved:
        wanted["status"] = edit.status
    return Edited(replace(ticket, **wanted), tuple(changed), moved, request)


def _texts(edit: Edit) -> dict[str, str | None]:
    return {"title": edit.title, "description": edit.description, "sub_category": edit.sub_category}


def requested_routing(ticket: Ticket, edit: Edit, choices: Choices) -> RoutingRequest | None:
    """Return the routing that an edit requests; None where it names neither a department nor a team.

    A team without a named department comes with its own department, else with the ticket's.
    """
    if edit.department is not None and edit.department not in choices.departments:
        raise UnknownDepartment(edit.department)
    if edit.team is None:
        return None if edit.department is None else RoutingRequest(edit.department)
    team = choices.team
    if edit.team.name is not None and team is None:
        raise UnknownTeam(edit.team.name)
    named = edit.department or (team.department if team else None)
    department = named or ticket.department
    if department is None:
        if team is None:
            return RoutingRequest(None, True)
        raise UnfitTeam("The ticket is in no department yet; name the department too.")
    if team is not None and team.department not in (None, department):
        raise UnfitTeam(f"The team belongs to {team.department!r}, not to {department!r}.")
    if department not in choices.departments:
        raise UnfitTeam(f"The department {department!r} takes no tickets; name another one too.")
    return RoutingRequest(named, True, team)


def _shown_already(ticket: Ticket, request: RoutingRequest) -> bool:
    """Return whether the ticket shows this routing as a person's, with no other request pending.

    Naming the department or team that a model predicted makes the routing a person's, which is a change.
    """
    if ticket.decided_by != PERSON or ticket.request_revision > ticket.request_answered:
        return False
    same_team = not request.names_team or (request.team.team_id if request.team else None) == ticket.team_id
    return same_team and request.department in (None, ticket.department)
