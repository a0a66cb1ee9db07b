"""Random histories of a few tickets, as three producers publish them, and a simple model of the counts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from analytics_service.domain.state import Kind, Status, TicketEvent
from hypothesis import strategies as st

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DEPARTMENTS = ("HR", "Finance", "General")

statuses = st.sampled_from(list(Status))
departments = st.sampled_from(DEPARTMENTS)
confidences = st.integers(0, 10_000)


@dataclass
class History:
    """Events of one ticket in the order in which they happened."""

    ticket_id: int
    events: list[TicketEvent] = field(default_factory=list)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw the events of one ticket: every producer numbers its own events one by one."""
    history = History(draw(st.integers(1, 4)))
    clock = START + timedelta(seconds=draw(st.integers(0, 200_000)))
    revisions = {"ticket": 1, "answer": 0, "routing": 0}
    history.events.append(TicketEvent(Kind.CREATED, 1, clock, status=Status.PENDING))
    steps = draw(st.lists(st.sampled_from(["status", "edit", "answer", "routing"]), max_size=8))
    if draw(st.integers(0, 4)) == 0:
        steps.append("delete")
    for step in steps:
        clock += timedelta(seconds=draw(st.integers(0, 5_000)))
        producer = step if step in revisions else "ticket"
        revisions[producer] += 1
        revision = revisions[producer]
        history.events.append(draw(_events(step, revision, clock)))
    return history


@st.composite
def _events(draw: st.DrawFn, step: str, revision: int, at: datetime) -> TicketEvent:
    match step:
        case "status":
            return TicketEvent(Kind.STATUS_UPDATED, revision, at, status=draw(statuses))
        case "edit":
            return TicketEvent(Kind.UPDATED, revision, at, status=draw(statuses))
        case "answer":
            return TicketEvent(Kind.CATEGORIZED, revision, at, confidence=draw(confidences))
        case "routing":
            return TicketEvent(
                Kind.ROUTED,
                revision,
                at,
                department=draw(departments),
                confidence=draw(confidences),
                need_admin=draw(st.booleans()),
                rerouted=draw(st.booleans()),
            )
        case _:
            return TicketEvent(Kind.DELETED, revision, at)


@st.composite
def mixed_up(draw: st.DrawFn) -> tuple[list[History], list[tuple[int, TicketEvent]]]:
    """Draw histories of different tickets and all their events shuffled, some of them twice."""
    drawn = draw(st.lists(histories(), min_size=1, max_size=4, unique_by=lambda history: history.ticket_id))
    shuffled = [(history.ticket_id, event) for history in drawn for event in history.events]
    again = draw(st.lists(st.sampled_from(shuffled), max_size=6))
    return drawn, draw(st.permutations(shuffled + again))


def long_histories(random: Random, tickets: int) -> list[History]:
    """Return the histories of that many tickets, each with nearly every event."""
    return [_long_history(random, ticket_id) for ticket_id in range(1, tickets + 1)]


def _long_history(random: Random, ticket_id: int) -> History:
    at = START + timedelta(seconds=random.randrange(200_000))
    events = [
        TicketEvent(Kind.CREATED, 1, at, status=Status.PENDING),
        TicketEvent(Kind.CATEGORIZED, 1, at + timedelta(seconds=1), confidence=random.randrange(10_001)),
    ]
    for revision in range(1, random.randrange(2, 5)):
        department, confidence = random.choice(DEPARTMENTS), random.randrange(10_001)
        after = at + timedelta(seconds=1 + revision)
        events.append(TicketEvent(Kind.ROUTED, revision, after, None, department, confidence, False, revision > 1))
    for revision in range(2, random.randrange(2, 6)):
        status = random.choice(list(Status))
        events.append(TicketEvent(Kind.STATUS_UPDATED, revision, at + timedelta(minutes=revision), status=status))
    if random.random() < 0.2:
        events.append(TicketEvent(Kind.DELETED, 99, at + timedelta(hours=1)))
    return History(ticket_id, events)


@dataclass
class Model:
    """A simple model: counts each ticket from its whole history in order."""

    by_status: dict[str, int] = field(default_factory=dict)
    by_department: dict[str, int] = field(default_factory=dict)
    by_day: dict[str, int] = field(default_factory=dict)
    unrouted: int = 0
    total: int = 0
    confidence: int = 0
    answers: int = 0
    answer_confidence: int = 0
    routing_ms: int = 0
    resolution_ms: int = 0
    rerouted: int = 0

    def add(self, history: History) -> None:
        """Count one ticket."""
        events = history.events
        if events[-1].kind is Kind.DELETED:
            return
        self.total += 1
        created = events[0].at
        status = [event.status for event in events if event.status][-1]
        _up(self.by_status, str(status))
        _up(self.by_day, created.date().isoformat())
        answers = [event for event in events if event.kind is Kind.CATEGORIZED]
        if answers:
            self.answers += 1
            self.answer_confidence += answers[-1].confidence or 0
        routings = [event for event in events if event.kind is Kind.ROUTED]
        if routings:
            _up(self.by_department, str(routings[-1].department))
            self.confidence += routings[-1].confidence or 0
            self.rerouted += bool(routings[-1].rerouted)
            self.routing_ms += _ms(routings[0].at - created)
        else:
            self.unrouted += 1
        if status in ("resolved", "closed"):
            first = next(event.at for event in events if event.status in ("resolved", "closed"))
            self.resolution_ms += _ms(first - created)


def modelled(drawn: list[History]) -> Model:
    """Count all histories."""
    model = Model()
    for history in drawn:
        model.add(history)
    return model


def _up(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _ms(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)
