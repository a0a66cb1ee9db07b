"""`ticket.updated`: apply a person's edit, and the department and team requested with it."""

from dataclasses import dataclass, field
from datetime import datetime

from routing_service.domain.decision import Decision, RoutingRequest
from routing_service.domain.departments import Directory
from routing_service.domain.routing import apply_request
from routing_service.domain.teams import TeamChoice
from routing_service.domain.ticket import Edit, Ticket, apply_edit

TEAM = "team"


@dataclass(frozen=True)
class Updated:
    """The fields of `ticket.updated` that this service uses."""

    ticket_id: int
    ticket_uuid: str
    priority: str
    priority_given: bool
    wanted_department: str | None
    actor: str
    updated_at: str
    wanted_team_id: int | None = None
    changed: list[str] = field(default_factory=list)
    names_team: bool = False
    category: str | None = None
    category_given: bool = False
    sub_category: str | None = None
    external_ticket_id: str | None = None

    @property
    def requests_routing(self) -> bool:
        """Whether the edit requests a department or a team."""
        return self.wanted_department is not None or self.requests_team

    @property
    def requests_team(self) -> bool:
        """Whether the edit requests a team, or no team (null). Older events say so in `changed` only."""
        return self.names_team or TEAM in self.changed


def update_ticket(ticket: Ticket, revision: int, updated: Updated) -> Ticket:
    """Return the ticket after the edit; its priority and category count if this is the newest edit."""
    edit = Edit(
        revision=revision,
        ticket_uuid=updated.ticket_uuid,
        priority=updated.priority,
        priority_given=updated.priority_given,
        category=updated.category,
        category_given=updated.category_given,
        sub_category=updated.sub_category,
        external_ticket_id=updated.external_ticket_id,
    )
    return apply_edit(ticket, edit)


def apply_routing_request(
    ticket: Ticket, revision: int, updated: Updated, directory: Directory, now: datetime
) -> Decision | None:
    """Return the decision on the edit's routing request; None without a request or for a deleted ticket.

    A request stays valid even if a later edit without a request arrived first.
    """
    if not updated.requests_routing:
        return None
    made_at = datetime.fromisoformat(updated.updated_at)
    team = TeamChoice(updated.wanted_team_id) if updated.requests_team else None
    request = RoutingRequest(revision, updated.wanted_department, updated.actor, made_at, team)
    return apply_request(ticket, request, directory, now)
