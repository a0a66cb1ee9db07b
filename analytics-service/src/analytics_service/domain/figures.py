"""The figures of the dashboard, computed from the rollups' few rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from service_kit.percentages import percentages

from analytics_service.domain.counting import UNROUTED, Total
from analytics_service.domain.state import DONE, Status


@dataclass(frozen=True)
class Figures:
    """A company's rollup by department and status, and its active departments."""

    totals: Mapping[tuple[str, str], Total]
    active_departments: Sequence[str]

    @cached_property
    def everything(self) -> Total:
        """Return the total of all tickets."""
        return sum(self.totals.values(), Total())

    @cached_property
    def departments(self) -> dict[str, Total]:
        """Return the totals of every active department, and of other departments that still have tickets."""
        found = dict.fromkeys(self.active_departments, Total())
        for (name, _), total in sorted(self.totals.items()):
            if name in found or (name != UNROUTED and total.tickets):
                found[name] = found.get(name, Total()) + total
        return found

    @cached_property
    def routed(self) -> Total:
        """Return the total of all tickets that are in a department."""
        return sum(self.departments.values(), Total())

    @property
    def unrouted(self) -> int:
        """Return how many tickets are in no department yet."""
        return self.everything.tickets - self.routed.tickets

    def by_status(self, department: str | None = None) -> dict[str, int]:
        """Return how many tickets (of one department) are in each status, zeros too."""
        found = {str(status): 0 for status in Status}
        for (name, status), total in self.totals.items():
            if department in (None, name):
                found[status] += total.tickets
        return found


def summary(figures: Figures, recent: int) -> dict[str, Any]:
    """Return the dashboard's summary. Σ by_status = Σ by_department + unrouted = total_tickets."""
    return {
        "total_tickets": figures.everything.tickets,
        "by_department": {name: total.tickets for name, total in figures.departments.items()},
        "by_status": figures.by_status(),
        "average_confidence": _percent(figures.routed.confidence, figures.routed.tickets),
        "recent_tickets_24h": recent,
        "unrouted": figures.unrouted,
    }


def routing(figures: Figures) -> dict[str, Any]:
    """Return the distribution of tickets over departments, and the average confidence in percent."""
    counts = {name: total.tickets for name, total in figures.departments.items()}
    return {
        "department_distribution": counts,
        "department_percentages": percentages(counts),
        "average_confidence_by_department": {
            name: _percent(total.confidence, total.tickets) for name, total in figures.departments.items()
        },
        "overall_average_confidence": _percent(figures.routed.confidence, figures.routed.tickets),
        "rerouted": figures.routed.rerouted,
        "need_admin": figures.routed.need_admin,
        "unrouted": figures.unrouted,
    }


def performance(figures: Figures) -> dict[str, Any]:
    """Return resolution rate, average confidence and mean times in seconds; a time is None without tickets."""
    everything, by_status = figures.everything, figures.by_status()
    done = sum(by_status[status] for status in DONE)
    return {
        "total_tickets": everything.tickets,
        "resolved_tickets": done,
        "resolution_rate": round(done * 100 / everything.tickets, 2) if everything.tickets else 0.0,
        "average_categorization_confidence": _percent(everything.answer_confidence, everything.answered),
        "average_seconds_to_route": _seconds(everything.routing_ms, everything.timed_routings),
        "average_seconds_to_resolve": _seconds(everything.resolution_ms, everything.timed_resolutions),
        "rerouted_tickets": everything.rerouted,
    }


def department(figures: Figures, name: str) -> dict[str, Any]:
    """Return counts, average confidence and mean times of one department."""
    total = figures.departments.get(name, Total())
    return {
        "department": name,
        "total_tickets": total.tickets,
        "average_confidence": _percent(total.confidence, total.tickets),
        "by_status": figures.by_status(name),
        "rerouted_tickets": total.rerouted,
        "average_seconds_to_route": _seconds(total.routing_ms, total.timed_routings),
        "average_seconds_to_resolve": _seconds(total.resolution_ms, total.timed_resolutions),
    }


def daily(created: Mapping[date, int], today: date, days: int) -> list[dict[str, Any]]:
    """Return one count per day up to today; days without tickets count 0."""
    first = today - timedelta(days=days - 1)
    dates = (first + timedelta(days=n) for n in range(days))
    return [{"date": day.isoformat(), "count": created.get(day, 0)} for day in dates]


def _percent(hundredths: int, number: int) -> float:
    return round(hundredths / 100 / number, 2) if number else 0.0


def _seconds(milliseconds: int, number: int) -> float | None:
    return round(milliseconds / 1000 / number, 3) if number else None
