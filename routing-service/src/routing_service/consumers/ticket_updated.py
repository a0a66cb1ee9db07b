"""A person edited a ticket, and may have wished for a department and a team."""

from dataclasses import dataclass, field
from datetime import datetime

from routing_service.domain.decision import Decision, Wish
from routing_service.domain.departments import Directory
from routing_service.domain.routing import take_wish
from routing_service.domain.teams import TeamChoice
from routing_service.domain.ticket import Ticket, take_edit

TEAM = "team"


@dataclass(frozen=True)
class Updated:
    """What this service needs of `ticket.updated`."""

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

    @property
    def wishes(self) -> bool:
        """Whether the edit wishes for a department or a team."""
        return self.wanted_department is not None or self.speaks_of_team

    @property
    def speaks_of_team(self) -> bool:
        """Whether the wish names a team; null is a wish too, for no team. Earlier events say so in `changed` only."""
        return self.names_team or TEAM in self.changed


def edit(ticket: Ticket, revision: int, updated: Updated) -> Ticket:
    """Take in the edit; its priority counts if it is the newest edit."""
    return take_edit(
        ticket,
        revision=revision,
        ticket_uuid=updated.ticket_uuid,
        priority=updated.priority,
        priority_given=updated.priority_given,
    )


def carry_out_wish(
    ticket: Ticket, revision: int, updated: Updated, directory: Directory, now: datetime
) -> Decision | None:
    """Route the ticket where the person who edited it wants it; None where nothing was wished or it is gone.

    A wish is no state: it holds even if a later edit, without a wish, came first.
    """
    if not updated.wishes:
        return None
    made_at = datetime.fromisoformat(updated.updated_at)
    team = TeamChoice(updated.wanted_team_id) if updated.speaks_of_team else None
    return take_wish(ticket, Wish(revision, updated.wanted_department, updated.actor, made_at, team), directory, now)
