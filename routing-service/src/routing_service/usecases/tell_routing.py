"""What was decided about a ticket, and how many tickets are where."""

from collections.abc import Sequence
from typing import Any

from service_kit.messaging.event import Cause
from sqlalchemy import Row
from sqlalchemy.orm import Session

from routing_service.domain.shares import percentages
from routing_service.domain.totals import Total
from routing_service.ports import CantKnow, TicketsElsewhere
from routing_service.store import history, tickets, totals
from routing_service.usecases import meet_companies
from routing_service.usecases.route_ticket import TicketNotFound


def expect_ticket(session: Session, company: int, ticket_id: int, elsewhere: TicketsElsewhere) -> None:
    """Return if the company has this ticket; raise TicketNotFound, or CantKnow where nobody can say now.

    Its owner is asked, because the ticket may have been deleted a moment ago; while the owner can't be asked, what is
    known here has to do.
    """
    ticket = tickets.get(session, company, ticket_id)
    session.rollback()  # gives the connection back while we wait for the answer
    exists = ticket is None or not ticket.gone
    if exists:
        try:
            exists = elsewhere.find(company, ticket_id) is not None
        except CantKnow:
            if ticket is None:
                raise
    if not exists:
        raise TicketNotFound(f"there is no ticket {ticket_id}")


def history_of(session: Session, company: int, ticket_id: int, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Return up to `limit` lines of a ticket's history older than line `before`, newest first."""
    return history.page(session, company, ticket_id, before, limit)


def statistics_of(session: Session, company: int, cause: Cause) -> dict[str, Any]:
    """Return how many tickets are where, how sure that is, and what share of them each department has."""
    found = totals.by_department(session, company)
    if not found:
        session.rollback()
        meet_companies.list_departments(session, company, cause)
        found = totals.by_department(session, company)
    everything = sum(found.values(), Total())
    counts = {name: total.tickets for name, total in found.items()}
    return {
        "total_routings": everything.routings,
        "routed_tickets": everything.tickets,
        "rerouted": everything.rerouted,
        "department_distribution": counts,
        "department_percentages": percentages(counts),
        "average_confidence_by_department": {name: average_confidence(total) for name, total in found.items()},
        "overall_average_confidence": average_confidence(everything),
    }


def average_confidence(total: Total) -> float:
    """Return the mean confidence of the tickets counted, 0 where there are none."""
    return round(total.confidence / 100 / total.tickets, 2) if total.tickets else 0.0
