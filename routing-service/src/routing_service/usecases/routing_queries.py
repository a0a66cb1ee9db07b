"""Queries: a ticket's routing history, and statistics by department."""

from collections.abc import Sequence
from typing import Any

from service_kit.percentages import percentages
from service_kit.telemetry.cause import Cause
from sqlalchemy import Row
from sqlalchemy.orm import Session

from routing_service.domain.totals import Total
from routing_service.ports import OwnerUnavailable, TicketServicePort
from routing_service.store import history, tickets, totals
from routing_service.usecases import seed_departments
from routing_service.usecases.route_ticket import TicketNotFound


def check_ticket_exists(session: Session, company_id: int, ticket_id: int, ticket_service: TicketServicePort) -> None:
    """Raise TicketNotFound unless the company has this ticket.

    ticket-service is asked, because the ticket may have been deleted a moment ago; while it is unavailable, the ticket
    stored here decides. Raises OwnerUnavailable for an unknown ticket then.
    """
    ticket = tickets.get(session, company_id, ticket_id)
    session.rollback()  # returns the connection to the pool during the HTTP call
    exists = ticket is None or not ticket.gone
    if exists:
        try:
            exists = ticket_service.find(company_id, ticket_id) is not None
        except OwnerUnavailable:
            if ticket is None:
                raise
    if not exists:
        raise TicketNotFound(f"there is no ticket {ticket_id}")


def history_of(session: Session, company_id: int, ticket_id: int, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Return up to `limit` entries of a ticket's history older than entry `before`, newest first."""
    return history.page(session, company_id, ticket_id, before, limit)


def statistics_of(session: Session, company_id: int, cause: Cause) -> dict[str, Any]:
    """Return counts, shares in percent and average confidence by department."""
    found = totals.by_department(session, company_id)
    if not found:
        session.rollback()
        seed_departments.list_departments(session, company_id, cause)
        found = totals.by_department(session, company_id)
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
    """Return the mean confidence of the counted tickets in percent, 0 without tickets."""
    return round(total.confidence / 100 / total.tickets, 2) if total.tickets else 0.0
