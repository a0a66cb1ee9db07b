"""Decisions about a ticket's department: people override predictions, in any order of events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from routing_service.domain.decision import Prediction, RoutingRequest
from routing_service.domain.departments import Directory
from routing_service.domain.routing import PERSON, apply_prediction, apply_request, route_manually
from routing_service.domain.ticket import Edit, Given, Ticket, apply_edit, fill_details, is_outdated, to_tombstone
from routing_service.domain.totals import NOTHING, Total, contribution, differences

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
UUID = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
DIRECTORY = Directory({"HR": True, "Finance": True, "General": True, "Closed": False})
TICKET = Ticket(1, 42)

names = st.sampled_from(["HR", "Finance", "General", "Closed", "Gone"])


def prediction(revision: int, department: str = "HR", **changes: object) -> Prediction:
    made = Prediction(revision, UUID, department, "Leave", "high", 70.0, False, "keywords", "ai-service", "2 words")
    return replace(made, **changes)  # type: ignore[arg-type]


def request(revision: int, department: str = "Finance", made_at: datetime = NOW) -> RoutingRequest:
    return RoutingRequest(revision, department, "person:1", made_at)


def test_every_revision_is_one_higher_than_the_last_published() -> None:
    ticket = TICKET
    for number in range(1, 4):
        decision = route_manually(
            ticket, department="HR", confidence_score=number, actor="a", directory=DIRECTORY, now=NOW, reroute=False
        )
        assert (decision.published, decision.ticket.revision) == (True, number)
        ticket = decision.ticket


def test_confidence_is_stored_to_a_hundredth_like_the_counts() -> None:
    decision = apply_prediction(TICKET, prediction(1, confidence_score=87.34567), DIRECTORY, NOW)
    assert decision is not None
    assert decision.ticket.confidence_score == 87.35
    assert contribution(decision.ticket) == Total(1, 1, 0, 8735)


def test_the_values_of_creation_never_undo_later_ones() -> None:
    routed = apply_prediction(TICKET, prediction(1), DIRECTORY, NOW)
    assert routed is not None
    late = fill_details(routed.ticket, ticket_uuid=UUID, category="back", priority="low")
    assert late == routed.ticket
    edited = apply_edit(TICKET, Edit(2, UUID, "urgent", True))
    assert fill_details(edited, ticket_uuid=UUID, category="back", priority="low").priority == "urgent"


def test_a_priority_that_a_person_gave_overrides_predictions() -> None:
    edited = apply_edit(TICKET, Edit(2, UUID, "urgent", True))
    decision = apply_prediction(edited, prediction(1), DIRECTORY, NOW)
    assert decision is not None
    assert decision.ticket.priority == "urgent"


def test_a_ticket_routed_before_its_first_prediction_gets_category_and_priority_from_it() -> None:
    manual = route_manually(
        TICKET, department="Finance", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=False
    ).ticket
    first = apply_prediction(manual, prediction(1), DIRECTORY, NOW)
    assert first is not None
    assert (first.published, first.ticket.revision, first.routing.applied) == (True, manual.revision + 1, False)
    assert (first.ticket.department, first.ticket.decided_by) == ("Finance", PERSON)
    assert (first.ticket.category, first.ticket.priority, first.ticket.routings) == ("Leave", "high", manual.routings)
    for later in (prediction(1), prediction(2, priority="urgent", category="Payroll")):
        second = apply_prediction(first.ticket, later, DIRECTORY, NOW)
        assert second is not None
        assert not second.published


def test_a_priority_that_the_caller_gave_stays_after_the_first_prediction() -> None:
    given = apply_edit(TICKET, Edit(2, UUID, "urgent", True))
    manual = route_manually(
        given, department="Finance", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=False
    ).ticket
    first = apply_prediction(manual, prediction(1), DIRECTORY, NOW)
    assert first is not None
    assert (first.ticket.category, first.ticket.priority, first.published) == ("Leave", "urgent", True)


def test_nothing_changes_a_tombstone() -> None:
    gone = to_tombstone(TICKET)
    assert apply_prediction(gone, prediction(1), DIRECTORY, NOW) is None
    assert apply_request(gone, request(1), DIRECTORY, NOW) is None
    assert apply_edit(gone, Edit(1, UUID, "high", True)) == gone
    assert fill_details(gone, ticket_uuid=UUID, category="back", priority="high") == gone
    assert contribution(gone) == NOTHING


@given(st.permutations(range(1, 6)), st.integers(0, 5), st.integers(0, 5))
def test_requests_before_a_manual_routing_are_outranked_whenever_they_arrive(
    order: list[int], seen: int, arrived: int
) -> None:
    """Five requests arrive in any order; the manual routing saw the first `seen` and follows `arrived` of them."""
    ticket = TICKET
    for number, revision in enumerate([*order, 0]):
        if number == arrived:
            ticket = route_manually(
                ticket, department="HR", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=True,
                requests_seen_up_to=max([seen, *order[:arrived]]),
            ).ticket  # fmt: skip
        if revision:
            decision = apply_request(
                ticket, request(revision, "Finance" if revision % 2 else "General"), DIRECTORY, NOW
            )
            assert decision is not None
            ticket = decision.ticket
    last = max([seen, *order[:arrived]])
    expected = "HR" if last == 5 else "Finance"
    assert ticket.department == expected


def test_while_ticket_service_is_unavailable_the_time_of_a_request_decides() -> None:
    manual = route_manually(
        TICKET, department="HR", confidence_score=100, actor="a", directory=DIRECTORY, now=NOW, reroute=True
    ).ticket
    earlier = apply_request(manual, request(1, made_at=NOW - timedelta(seconds=1)), DIRECTORY, NOW)
    later = apply_request(manual, request(1, made_at=NOW + timedelta(seconds=1)), DIRECTORY, NOW)
    assert earlier is not None
    assert later is not None
    assert (earlier.ticket.department, earlier.refused_request, earlier.routing.applied) == ("HR", 1, False)
    assert (later.ticket.department, later.published) == ("Finance", True)


@given(st.lists(names, min_size=1, max_size=4), st.lists(names, max_size=3))
def test_predictions_and_requests_in_any_order_end_in_the_same_department(
    predictions: list[str], requests: list[str]
) -> None:
    inputs: list[Prediction | RoutingRequest] = [prediction(n, name) for n, name in enumerate(predictions, start=1)]
    inputs += [request(n, name) for n, name in enumerate(requests, start=1)]
    ends = set()
    for order in list(permutations(inputs))[:120]:
        ticket = TICKET
        for each in order:
            decide = apply_prediction if isinstance(each, Prediction) else apply_request
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
        decision = apply_prediction(before, prediction(revision, name), DIRECTORY, NOW)
        after = to_tombstone(before) if ends else decision.ticket if decision else before
        tickets[number] = after
        for place, total in differences([(before, after)]).items():
            sums[place] = sums.get(place, NOTHING) + total
    for (company, department), total in sums.items():
        here = [contribution(t) for t in tickets.values() if (t.company_id, t.department) == (company, department)]
        assert total == sum(here, NOTHING)


GIVEN = Given("Hardware", "urgent", "Laptop", "HD-1")


def created(ticket: Ticket, given: Given = GIVEN) -> Ticket:
    return fill_details(
        ticket, ticket_uuid=UUID, category=given.category or "back", priority=given.priority or "low", given=given
    )


def test_what_the_sender_gave_is_the_same_whether_creation_or_prediction_comes_first() -> None:
    first = apply_prediction(created(TICKET), prediction(1, given=GIVEN), DIRECTORY, NOW)
    late = apply_prediction(TICKET, prediction(1, given=GIVEN), DIRECTORY, NOW)
    assert first is not None
    assert late is not None
    assert first.ticket == late.ticket == created(late.ticket)
    assert (late.ticket.category, late.ticket.sub_category, late.ticket.priority) == ("Hardware", "Laptop", "urgent")
    assert late.ticket.external_ticket_id == "HD-1"
    again = apply_prediction(late.ticket, prediction(2, category="Leave", priority="low"), DIRECTORY, NOW)
    assert again is not None
    assert (again.ticket.category, again.ticket.priority) == ("Hardware", "urgent")


def test_an_edit_outranks_what_the_sender_gave_in_either_order() -> None:
    edit = Edit(2, UUID, "low", True, "Software", True, "Mail", "HD-1")
    assert apply_edit(created(TICKET), edit) == created(apply_edit(TICKET, edit))
    edited = apply_prediction(apply_edit(TICKET, edit), prediction(1, given=GIVEN), DIRECTORY, NOW)
    assert edited is not None
    assert (edited.ticket.category, edited.ticket.sub_category, edited.ticket.priority) == ("Software", "Mail", "low")


def test_an_edit_of_before_there_were_categories_leaves_them() -> None:
    edited = apply_edit(created(TICKET), Edit(2, UUID, "low", True))
    assert (edited.category, edited.category_given, edited.sub_category) == ("Hardware", True, "Laptop")


def test_a_prediction_replaces_a_category_that_nobody_gave() -> None:
    known = created(TICKET, Given(sub_category="Laptop"))
    decision = apply_prediction(known, prediction(1), DIRECTORY, NOW)
    assert decision is not None
    assert (decision.ticket.category, decision.ticket.sub_category) == ("Leave", "Laptop")


def test_a_routed_ticket_is_published_again_only_where_its_category_or_sub_category_differ() -> None:
    routed = apply_prediction(TICKET, prediction(1), DIRECTORY, NOW)
    assert routed is not None
    assert not is_outdated(TICKET, created(TICKET)), "it isn't routed yet"
    assert is_outdated(routed.ticket, created(routed.ticket))
    assert not is_outdated(routed.ticket, created(routed.ticket, Given(priority="urgent")))
    assert not is_outdated(routed.ticket, to_tombstone(created(routed.ticket)))
