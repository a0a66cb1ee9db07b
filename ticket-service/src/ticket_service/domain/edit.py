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
    """Where a person wants a ticket. With `names_team` they spoke of the team too; `team` None is then no team."""

    department: str
    names_team: bool = False
    team: Team | None = None


@dataclass(frozen=True)
class Edited:
    """A ticket after an edit. `changed` names the fields that differ; `wish` is not yet true."""

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
    if wish is not None and (edit.department is not None or wish.department != ticket.department):
        changed.append("department")
    if wish is not None and wish.names_team:
        changed.append("team")
    if moved:
        wanted["status"] = edit.status
    return Edited(replace(ticket, **wanted), tuple(changed), moved, wish)


def wished(ticket: Ticket, edit: Edit, choices: Choices) -> Wish | None:
    """Return what an edit wishes for; None where it wishes for nothing that isn't true already.

    A department or team that a machine chose is still wished for by naming it: from then on it is a person's routing.
    A team without a department named goes with its own, else with the one where the ticket is.
    """
    if edit.department is not None and edit.department not in choices.departments:
        raise UnknownDepartment(edit.department)
    by_person = ticket.decided_by == PERSON
    if edit.team is None:
        same = edit.department is None or (by_person and edit.department == ticket.department)
        return None if same else Wish(str(edit.department))
    team = choices.team
    if edit.team.name is not None and team is None:
        raise UnknownTeam(edit.team.name)
    department = edit.department or (team.department if team else None) or ticket.department
    if department is None:
        if team is None:
            return None
        raise UnfitTeam("The ticket is in no department yet; name the department too.")
    if team is not None and team.department not in (None, department):
        raise UnfitTeam(f"The team belongs to {team.department!r}, not to {department!r}.")
    if department not in choices.departments:
        raise UnfitTeam(f"The department {department!r} takes no tickets; name another one too.")
    if by_person and (department, team.team_id if team else None) == (ticket.department, ticket.team_id):
        return None
    return Wish(department, True, team)
