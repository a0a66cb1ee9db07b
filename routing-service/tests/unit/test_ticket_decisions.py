"""Who decides where a ticket goes: machines propose, people stand, in whatever order it is heard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from routing_service.domain.decision import Answer, Wish
from routing_service.domain.departments import Directory
from routing_service.domain.routing import PERSON, route_by_hand, take_answer, take_wish
from routing_service.domain.ticket import Ticket, forget, learn, take_edit
from routing_service.domain.totals import NOTHING, Total, contribution, differences

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
UUID = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
DIRECTORY = Directory({"HR": True, "Finance": True, "General": True, "Closed": False})
TICKET = Ticket(1, 42)

names = st.sampled_from(["HR", "Finance", "General", "Closed", "Gone"])


def answer(revision: int, department: str = "HR", **changes: object) -> Answer:
    made = Answer(revision, UUID, department, "Leave", "high", 70.0, False, "keywords", "ai-service", "2 words")
    return replace(made, **changes)  # type: ignore[arg-type]


def wish(revision: int, department: str = "Finance", made_at: datetime = NOW) -> Wish:
    return Wish(revision, department, "person:1", made_at)


def test_every_revision_is_one_higher_than_the_last_announced() -> None:
    ticket = TICKET
    for number in range(1, 4):
        decision = route_by_hand(
            ticket, department="HR", confidence_score=number, actor="a", directory=DIRECTORY, now=NOW, reroute=False
        )
        assert (decision.announced, decision.ticket.revision) == (True, number)
        ticket = decision.ticket


def test_confidence_is_kept_to_a_hundredth_like_the_counts() -> None:
    decision = take_answer(TICKET, answer(1, confidence_score=87.34567), DIRECTORY, NOW)
    assert decision is not None
    assert decision.ticket.confidence_score == 87.35
    assert contribution(decision.ticket) == Total(1, 1, 0, 8735)


def test_what_was_known_at_creation_never_undoes_what_was_learned_since() -> None:
    routed = take_answer(TICKET, answer(1), DIRECTORY, NOW)
    assert routed is not None
    late = learn(routed.ticket, ticket_uuid=UUID, category="back", priority="low")
    assert late == routed.ticket
    edited = take_edit(TICKET, revision=2, ticket_uuid=UUID, priority="urgent", priority_given=True)
    assert learn(edited, ticket_uuid=UUID, category="back", priority="low").priority == "urgent"


def test_a_priority_that_a_person_gave_outlasts_machines() -> None:
    edited = take_edit(TICKET, revision=2, ticket_uuid=UUID, priority="urgent", priority_given=True)
    decision = take_answer(edited, answer(1), DIRECTORY, NOW)
    assert decision is not None
    assert decision.ticket.priority == "urgent"


def test_a_ticket_that_a_person_routed_unread_gets_category_and_priority_from_the_first_answer() -> None:
    by_hand = route_by_hand(
        TICKET, department="Finance", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=False
    ).ticket
    first = take_answer(by_hand, answer(1), DIRECTORY, NOW)
    assert first is not None
    assert (first.announced, first.ticket.revision, first.routing.applied) == (True, by_hand.revision + 1, False)
    assert (first.ticket.department, first.ticket.decided_by) == ("Finance", PERSON)
    assert (first.ticket.category, first.ticket.priority, first.ticket.routings) == ("Leave", "high", by_hand.routings)
    for later in (answer(1), answer(2, priority="urgent", category="Payroll")):
        second = take_answer(first.ticket, later, DIRECTORY, NOW)
        assert second is not None
        assert not second.announced


def test_a_priority_that_the_caller_gave_stays_where_a_person_routed_unread() -> None:
    given = take_edit(TICKET, revision=2, ticket_uuid=UUID, priority="urgent", priority_given=True)
    by_hand = route_by_hand(
        given, department="Finance", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=False
    ).ticket
    first = take_answer(by_hand, answer(1), DIRECTORY, NOW)
    assert first is not None
    assert (first.ticket.category, first.ticket.priority, first.announced) == ("Leave", "urgent", True)


def test_nothing_happens_to_a_ticket_that_is_gone() -> None:
    gone = forget(TICKET)
    assert take_answer(gone, answer(1), DIRECTORY, NOW) is None
    assert take_wish(gone, wish(1), DIRECTORY, NOW) is None
    assert take_edit(gone, revision=1, ticket_uuid=UUID, priority="high", priority_given=True) == gone
    assert learn(gone, ticket_uuid=UUID, category="back", priority="high") == gone
    assert contribution(gone) == NOTHING


@given(st.permutations(range(1, 6)), st.integers(0, 5), st.integers(0, 5))
def test_what_a_routing_by_hand_was_ordered_after_is_outranked_whenever_it_arrives(
    order: list[int], seen: int, arrived: int
) -> None:
    """Five wishes arrive in any order; the person's routing saw the first `seen` and is stored after `arrived` came."""
    ticket = TICKET
    for number, revision in enumerate([*order, 0]):
        if number == arrived:
            ticket = route_by_hand(
                ticket, department="HR", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=True,
                wishes_seen=max([seen, *order[:arrived]]),
            ).ticket  # fmt: skip
        if revision:
            decision = take_wish(ticket, wish(revision, "Finance" if revision % 2 else "General"), DIRECTORY, NOW)
            assert decision is not None
            ticket = decision.ticket
    last = max([seen, *order[:arrived]])
    expected = "HR" if last == 5 else "Finance"
    assert ticket.department == expected


def test_where_ticket_service_could_not_be_asked_the_time_of_a_wish_decides() -> None:
    by_hand = route_by_hand(
        TICKET, department="HR", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=True
    ).ticket
    earlier = take_wish(by_hand, wish(1, made_at=NOW - timedelta(seconds=1)), DIRECTORY, NOW)
    later = take_wish(by_hand, wish(1, made_at=NOW + timedelta(seconds=1)), DIRECTORY, NOW)
    assert earlier is not None
    assert later is not None
    assert (earlier.ticket.department, earlier.answers, earlier.routing.applied) == ("HR", 1, False)
    assert (later.ticket.department, later.announced) == ("Finance", True)


@given(st.lists(names, min_size=1, max_size=4), st.lists(names, max_size=3))
def test_answers_and_wishes_in_any_order_end_in_the_same_department(answers: list[str], wishes: list[str]) -> None:
    told: list[Answer | Wish] = [answer(n, name) for n, name in enumerate(answers, start=1)]
    told += [wish(n, name) for n, name in enumerate(wishes, start=1)]
    ends = set()
    for order in list(permutations(told))[:120]:
        ticket = TICKET
        for each in order:
            decide = take_answer if isinstance(each, Answer) else take_wish
            decision = decide(ticket, each, DIRECTORY, NOW)  # type: ignore[operator]
            assert decision is not None
            ticket = decision.ticket
        ends.add((ticket.department, ticket.decided_by) if ticket.decided_by == PERSON else ticket.department)
    assert len(ends) == 1


@given(st.lists(st.tuples(st.integers(1, 3), names, st.booleans()), max_size=12))
def test_the_counts_are_those_of_the_tickets_whatever_happened(steps: list[tuple[int, str, bool]]) -> None:
    tickets = {number: Ticket(1, number) for number in (1, 2, 3)}
    sums: dict[tuple[int, str], Total] = {}
    for revision, (number, name, ends) in enumerate(steps, start=1):
        before = tickets[number]
        decision = take_answer(before, answer(revision, name), DIRECTORY, NOW)
        after = forget(before) if ends else decision.ticket if decision else before
        tickets[number] = after
        for place, total in differences([(before, after)]).items():
            sums[place] = sums.get(place, NOTHING) + total
    for (company, department), total in sums.items():
        here = [contribution(t) for t in tickets.values() if (t.company_id, t.department) == (company, department)]
        assert total == sum(here, NOTHING)
