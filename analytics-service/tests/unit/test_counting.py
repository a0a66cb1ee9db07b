"""States and differences: any order, any repetition, the same figures."""

from collections import defaultdict

from analytics_service.domain.counting import UNROUTED, Differences, Total, contribution, differences
from analytics_service.domain.state import TicketEvent, TicketState, apply_event
from hypothesis import given

from ..histories import START, History, Model, mixed_up, modelled

Shuffled = tuple[list[History], list[tuple[int, TicketEvent]]]


def counted(shuffled: list[tuple[int, TicketEvent]]) -> tuple[Differences, list[int]]:
    """Apply events one by one, as the consumers do; return the sums, and the gap in their totals after each step."""
    states: dict[int, TicketState] = {}
    sums = Differences(defaultdict(Total), defaultdict(int), defaultdict(int))
    gaps = []
    for ticket_id, event in shuffled:
        before = states.get(ticket_id, TicketState(1, ticket_id))
        after = states[ticket_id] = apply_event(before, event)
        change = differences([(before, after)])
        for place, total in change.totals.items():
            sums.totals[place] += total
        for day, number in change.days.items():
            sums.days[day] += number
        for minute, number in change.minutes.items():
            sums.minutes[minute] += number
        alive = sum(state.created_at is not None and not state.gone for state in states.values())
        gaps.append(alive - sum(total.tickets for total in sums.totals.values()))
    return sums, gaps


def seen(sums: Differences) -> Model:
    """Put the sums in the shape of the model."""
    by_status: defaultdict[str, int] = defaultdict(int)
    by_department: defaultdict[str, int] = defaultdict(int)
    by_day: defaultdict[str, int] = defaultdict(int)
    for (_, department, status), total in sums.totals.items():
        by_status[status] += total.tickets
        by_department[department] += total.tickets
    for (_, day, _), number in sums.days.items():
        by_day[day.isoformat()] += number
    everything = sum(sums.totals.values(), Total())
    unrouted = by_department.pop(UNROUTED, 0)
    return Model(
        by_status={name: number for name, number in by_status.items() if number},
        by_department={name: number for name, number in by_department.items() if number},
        by_day={name: number for name, number in by_day.items() if number},
        unrouted=unrouted,
        total=everything.tickets,
        confidence=everything.confidence,
        answers=everything.answered,
        answer_confidence=everything.answer_confidence,
        routing_ms=everything.routing_ms,
        resolution_ms=everything.resolution_ms,
        rerouted=everything.rerouted,
    )


@given(mixed_up())
def test_any_order_and_repetition_ends_in_what_a_simple_model_counts(drawn: Shuffled) -> None:
    histories, shuffled = drawn
    sums, gaps = counted(shuffled)
    assert seen(sums) == modelled(histories)
    assert set(gaps) == {0}


@given(mixed_up())
def test_days_minutes_and_places_count_the_same_tickets(drawn: Shuffled) -> None:
    sums, _ = counted(drawn[1])
    number = sum(total.tickets for total in sums.totals.values())
    assert sum(sums.days.values()) == number
    assert sum(sums.minutes.values()) == number


@given(mixed_up())
def test_an_event_applied_twice_changes_nothing(drawn: Shuffled) -> None:
    for ticket_id, event in drawn[1]:
        once = apply_event(TicketState(1, ticket_id), event)
        assert apply_event(once, event) == once


def test_opposite_changes_leave_no_difference() -> None:
    counted_state = TicketState(1, 1, created_at=START, department="HR", confidence=5000, routed_revision=1)
    moved = TicketState(1, 1, created_at=START, department="Finance", confidence=5000, routed_revision=2)
    there_and_back = differences([(counted_state, moved), (moved, counted_state)])
    assert there_and_back == Differences({}, {}, {})
    assert contribution(counted_state) == contribution(moved) == Total(1, 5000, need_admin=1)
    assert contribution(TicketState(1, 1, department="HR")) is None
