"""A ticket's contribution to its company's totals; they change by the difference between old and new state."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from routing_service.domain.ticket import Ticket


@dataclass(frozen=True)
class Total:
    """The totals of the tickets in one department; `confidence` is a sum of hundredths of a percent."""

    tickets: int = 0
    routings: int = 0
    rerouted: int = 0
    confidence: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(
            self.tickets + other.tickets,
            self.routings + other.routings,
            self.rerouted + other.rerouted,
            self.confidence + other.confidence,
        )

    def __neg__(self) -> "Total":
        return Total(-self.tickets, -self.routings, -self.rerouted, -self.confidence)


NOTHING = Total()


def contribution(ticket: Ticket) -> Total:
    """Return a ticket's contribution to its department's totals; zero for an unrouted or deleted ticket."""
    if ticket.gone or ticket.department is None:
        return NOTHING
    return Total(1, ticket.routings, int(ticket.rerouted), round(ticket.confidence_score * 100))


def differences(changes: Iterable[tuple[Ticket, Ticket]]) -> dict[tuple[int, str], Total]:
    """Return, by company and department, the sums of the differences between old and new states of tickets."""
    sums: defaultdict[tuple[int, str], Total] = defaultdict(Total)
    for before, after in changes:
        for ticket, sign in ((before, -1), (after, 1)):
            added = contribution(ticket)
            if ticket.department is not None and added != NOTHING:
                sums[ticket.company_id, ticket.department] += added if sign > 0 else -added
    return {place: total for place, total in sums.items() if total != NOTHING}
