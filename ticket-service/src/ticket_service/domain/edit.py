"""What a person's edit makes of a ticket, and what the person wishes for with it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from ticket_service.domain import lifecycle
from ticket_service.domain.errors import UnfitTeam, UnknownDepartment, UnknownTeam
from ticket_service.domain.teams import NamedTeam, Team
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.words import PERSON, Priority, Status


@dataclass(frozen=True)
class Edit:
    """What a person wants a ticket to be; None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    priority: Priority | None = None
    status: Status | None = None
    department: str | None = None
    team: NamedTeam | None = None


@dataclass(frozen=True)
class Choices:
    """What may be wished for: departments that take tickets, and the team of the name that the edit gives, if any."""

    departments: Collection[str]
    team: Team | None = None


@dataclass(frozen=True)
class Wish:
    """Where a person wants a ticket. With `names_team` they spoke of the team too; `team` None is then no team.

    `department` None leaves the ticket in the department where routing-service has it when the wish arrives there.
    """

    department: str | None
    names_team: bool = False
    team: Team | None = None


@dataclass(frozen=True)
class Edited:
    """A ticket after an edit. `changed` names the fields that differ; `wish` is not yet true.

    A wish for what the ticket shows already is announced all the same, without a change: a newer routing, which this
    service doesn't show yet, may be on its way, and the last wish wins.
    """

    ticket: Ticket
    changed: tuple[str, ...]
    moved: bool
    wish: Wish | None


def edited(ticket: Ticket, edit: Edit, choices: Choices) -> Edited:
    """Apply an edit; what is the same already is no change.

    Raises IllegalMove where its status may not follow, UnknownDepartment, UnknownTeam, UnfitTeam.
    """
    wanted: dict[str, Any] = {
        name: value
        for name, value in (("title", edit.title), ("description", edit.description))
        if value is not None and value != getattr(ticket, name)
    }
    if edit.priority is not None and (edit.priority is not ticket.priority or not ticket.priority_given):
        wanted |= {"priority": edit.priority, "priority_given": True}
    moved = edit.status is not None and lifecycle.move(ticket.status, edit.status)
    changed = [name for name in wanted if name != "priority_given"]
    wish = wished(ticket, edit, choices)
    if wish is not None and not _shown_already(ticket, wish):
        if wish.department is not None and (edit.department is not None or wish.department != ticket.department):
            changed.append("department")
        if wish.names_team:
            changed.append("team")
    if moved:
        wanted["status"] = edit.status
    return Edited(replace(ticket, **wanted), tuple(changed), moved, wish)


def wished(ticket: Ticket, edit: Edit, choices: Choices) -> Wish | None:
    """Return what an edit wishes for; None where it names neither a department nor a team.

    A team without a department named goes with its own, else with the one where the ticket is.
    """
    if edit.department is not None and edit.department not in choices.departments:
        raise UnknownDepartment(edit.department)
    if edit.team is None:
        return None if edit.department is None else Wish(edit.department)
    team = choices.team
    if edit.team.name is not None and team is None:
        raise UnknownTeam(edit.team.name)
    named = edit.department or (team.department if team else None)
    department = named or ticket.department
    if department is None:
        if team is None:
            return Wish(None, True)
        raise UnfitTeam("The ticket is in no department yet; name the department too.")
    if team is not None and team.department not in (None, department):
        raise UnfitTeam(f"The team belongs to {team.department!r}, not to {department!r}.")
    if department not in choices.departments:
        raise UnfitTeam(f"The department {department!r} takes no tickets; name another one too.")
    return Wish(named, True, team)


def _shown_already(ticket: Ticket, wish: Wish) -> bool:
    """Tell whether the ticket shows a person's routing of this kind and waits for no other one.

    A department or team that a machine chose becomes a person's routing by naming it, which is a change.
    """
    if ticket.decided_by != PERSON or ticket.wish_revision > ticket.wish_answered:
        return False
    same_team = not wish.names_team or (wish.team.team_id if wish.team else None) == ticket.team_id
    return same_team and wish.department in (None, ticket.department)
