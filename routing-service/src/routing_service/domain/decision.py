"""Predictions and requests about a ticket's routing, and the decisions that follow from them."""

from dataclasses import dataclass
from datetime import datetime

from routing_service.domain.teams import TeamChoice
from routing_service.domain.ticket import NOTHING_GIVEN, Given, Ticket


@dataclass(frozen=True)
class Routing:
    """One decision about a ticket, as its history stores it; `applied` is false where another routing stayed."""

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
    """The ticket after a decision, the history entry, and whether `ticket.routed` is published.

    `refused_request` is the revision of a request that was refused: the event answers it with the unchanged routing.
    """

    ticket: Ticket
    routing: Routing
    published: bool
    refused_request: int = 0


@dataclass(frozen=True)
class Prediction:
    """A model's prediction for a ticket, from `ticket.categorized`."""

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
    given: Given = NOTHING_GIVEN
    """The given values of `ticket.created`; the prediction may arrive before it."""


@dataclass(frozen=True)
class Destination:
    """A department and team for a ticket, with the decider and the reason."""

    department: str
    team_id: int | None
    team: str | None
    team_by_person: bool
    confidence_score: float
    need_admin: bool
    decided_by: str
    actor: str
    reason: str


@dataclass(frozen=True)
class RoutingRequest:
    """The department, and optionally the team, that a person requested by editing a ticket.

    `department` None means the ticket's current one; `team` None means that the request names no team.
    """

    revision: int
    department: str | None
    actor: str
    made_at: datetime
    team: TeamChoice | None = None
