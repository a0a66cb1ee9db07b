"""What machines and people say about where a ticket goes, and what comes of it."""

from dataclasses import dataclass
from datetime import datetime

from routing_service.domain.teams import TeamChoice
from routing_service.domain.ticket import Ticket


@dataclass(frozen=True)
class Routing:
    """One decision about a ticket, as its history keeps it; `applied` tells whether it was carried out."""

    company_id: int
    ticket_id: int
    department: str
    team_id: int | None
    team: str | None
    confidence_score: float
    need_admin: bool
    decided_by: str
    actor: str
    reason: str
    applied: bool
    rerouted: bool


@dataclass(frozen=True)
class Decision:
    """The state after a decision, its line in the history, and whether there is something to announce.

    `answers` is the revision of a wish that was refused: it is announced that the routing stays as it is.
    """

    ticket: Ticket
    routing: Routing
    announced: bool
    answers: int = 0


@dataclass(frozen=True)
class Answer:
    """Where a machine would send a ticket."""

    revision: int
    ticket_uuid: str
    department: str
    category: str
    priority: str
    confidence_score: float
    need_admin: bool
    decided_by: str
    actor: str
    reason: str
    team_id: int | None = None
    team: str | None = None
    team_by_person: bool = False


@dataclass(frozen=True)
class Wish:
    """The department that a person asked for when editing a ticket, and the team where they spoke of one.

    `department` None is the one where the ticket is.
    """

    revision: int
    department: str | None
    actor: str
    made_at: datetime
    team: TeamChoice | None = None
