"""The replay of past tickets: matches, breaches and load as they would have been."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_service.domain.clocks import RESOLUTION, RUNNING, Breach, Clock
from workflow_service.domain.deal import Need, Person, Pool
from workflow_service.domain.matching import Candidate, Match, match
from workflow_service.domain.replay import (
    MAX_EXAMPLES,
    Difference,
    Past,
    Replayed,
    as_deployed,
    breaches_until,
    deal_again,
    report,
    workflow_of,
)
from workflow_service.domain.workflow import Scope

from ..calendars import utc

START = utc("2026-02-02 09:00")
MINUTE = timedelta(minutes=1)
OWN, OTHER = 7, 8
HARDWARE, NETWORK = Scope("Hardware", None, "IT Support"), Scope("Network", None, None)


def past(number: int, *, workflow: int | None = OWN, scope: Scope = HARDWARE, began: int = 0, ended: int | None = None,
         assignee: str | None = None, breaches: dict[str, int] | None = None, chosen: bool = False,
         pool: str = "team:1") -> Past:  # fmt: skip
    return Past(
        ticket_id=number,
        task_id=None if workflow is None else number + 100,
        scope=scope,
        pool=pool,
        began_at=START + began * MINUTE,
        ended_at=None if ended is None else START + ended * MINUTE,
        workflow_id=workflow,
        is_chosen=chosen,
        assigned_user=assignee,
        breaches=breaches or {},
    )


def pools(*names: str, pool: str = "team:1") -> dict[str, Pool]:
    return {pool: Pool(pool, {name: Person(name, "agent", available=True, open=0) for name in names})}


def candidate(number: int, scope: Scope, state: str = "deployed", *, default: bool = False) -> Candidate:
    return Candidate(number, 1, scope, state, default)


def test_a_draft_is_replayed_as_if_it_were_deployed_before_others_of_its_scope() -> None:
    own = candidate(OWN, HARDWARE, "draft")
    found = as_deployed([candidate(OTHER, HARDWARE), own], own)
    assert match(found, HARDWARE) == Match(OWN, 1, "category, sub_category and department")
    assert match(found, NETWORK) is None


def test_the_default_workflow_takes_nothing_where_there_are_others() -> None:
    default = candidate(OWN, Scope(None, None, None), default=True)
    assert match(as_deployed([default, candidate(OTHER, NETWORK)], default), HARDWARE) is None
    found = match(as_deployed([default], default), HARDWARE)
    assert found is not None
    assert found.workflow_id == OWN


def test_a_persons_choice_stays_where_no_workflow_takes_the_ticket() -> None:
    assert workflow_of(None, past(1, chosen=True)) == OWN
    assert workflow_of(None, past(1)) is None
    assert workflow_of(Match(OTHER, 1, ""), past(1, chosen=True)) == OTHER


def test_breaches_count_up_to_an_instant_by_the_kind_of_clock() -> None:
    breaches = tuple(Breach(START + minute * MINUTE, START + minute * MINUTE) for minute in (1, 5))
    clock = Clock(RESOLUTION, START, MINUTE, RUNNING, None, None, None, breaches)
    assert breaches_until([clock], START) == {}
    assert breaches_until([clock], START + MINUTE) == {RESOLUTION: 1}
    assert breaches_until([clock, clock], START + 9 * MINUTE) == {RESOLUTION: 4}


def test_a_report_counts_what_is_gained_lost_and_unmatched() -> None:
    found = report(
        [
            Replayed(past(1), OWN, {}),
            Replayed(past(2, workflow=OTHER), OWN, {RESOLUTION: 1}),
            Replayed(past(3), OTHER, {}),
            Replayed(past(4, workflow=None), OWN, {}),
            Replayed(past(5, workflow=OTHER), None, {}),
        ],
        OWN,
        {1: "ann", 2: None, 4: "ann"},
    )
    assert (found.tickets, found.matched, found.gained, found.lost) == (5, Difference(3, 2), 2, 1)
    assert found.unmatched == Difference(1, 1)
    assert (found.breaches, found.breached_tickets) == ({RESOLUTION: Difference(1, 0)}, Difference(1, 0))
    assert found.load == [("ann", Difference(2, 0)), (None, Difference(1, 2))]
    assert [each.past.ticket_id for each in found.examples] == [2, 3, 4], "5 was another workflow's, and stays that"


def test_examples_are_bounded() -> None:
    found = report([Replayed(past(number), None, {}) for number in range(50)], OWN, {})
    assert [each.past.ticket_id for each in found.examples] == list(range(MAX_EXAMPLES))


def test_an_open_task_counts_until_it_ended() -> None:
    tickets = [Replayed(past(1, ended=10), OWN, {}), Replayed(past(2, began=5), OWN, {}),
               Replayed(past(3, began=10), OWN, {})]  # fmt: skip
    assert deal_again(tickets, OWN, pools("ann"), Need("agent", "round_robin", 1)) == {1: "ann", 2: None, 3: "ann"}


def test_tasks_of_other_workflows_count_as_the_load_of_their_assignees() -> None:
    tickets = [
        Replayed(past(1, workflow=OTHER, assignee="ann"), OTHER, {}),
        Replayed(past(2, began=1), OWN, {}),
    ]
    assert deal_again(tickets, OWN, pools("ann", "bob"), Need("agent", "least_loaded")) == {2: "bob"}


def test_a_person_of_two_pools_has_one_number_of_open_tasks() -> None:
    both = pools("ann", "bob") | pools("ann", "eve", pool="team:2")
    tickets = [Replayed(past(1), OWN, {}), Replayed(past(2, began=1, pool="team:2"), OWN, {})]
    assert deal_again(tickets, OWN, both, Need("agent", "least_loaded")) == {1: "ann", 2: "eve"}


counts = st.dictionaries(st.sampled_from([RESOLUTION, "step"]), st.integers(1, 3))
histories = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 90), counts), max_size=60)


@given(histories)
def test_a_workflow_that_would_do_the_same_differs_in_nothing(history: list[tuple[int, int, dict[str, int]]]) -> None:
    tickets = [past(number, began=began, ended=began + length, breaches=found)
               for number, (began, length, found) in enumerate(history)]  # fmt: skip
    found = report([Replayed(each, OWN, each.breaches) for each in tickets], OWN, {})
    assert (found.matched.would, found.gained, found.lost) == (found.matched.did, 0, 0)
    assert all(numbers.would == numbers.did for numbers in found.breaches.values())
    assert found.examples == []


@pytest.mark.parametrize("method", ["round_robin", "least_loaded"])
@given(history=histories, capacity=st.none() | st.integers(1, 5), people=st.integers(1, 4))
def test_the_replay_deals_fairly_and_never_beyond_the_capacity(
    method: str, history: list[tuple[int, int, dict[str, int]]], capacity: int | None, people: int
) -> None:
    names = [f"person{number}" for number in range(people)]
    tickets = [Replayed(past(number, began=began, ended=began + length), OWN, {})
               for number, (began, length, _) in enumerate(history)]  # fmt: skip
    chosen = deal_again(tickets, OWN, pools(*names), Need("agent", method, capacity))
    assert chosen.keys() == {each.past.ticket_id for each in tickets}
    numbers = Counter(name for name in chosen.values() if name is not None)
    if capacity is None:
        assert None not in chosen.values()
    if capacity is None and method == "round_robin" and numbers:
        assert max(numbers.values()) - min(numbers[name] for name in names) <= 1
    for each in tickets:
        at = each.past.began_at
        open_then = Counter(chosen[other.past.ticket_id] for other in tickets if _is_open(other, at, each))
        if capacity is not None:
            assert all(number <= capacity for name, number in open_then.items() if name is not None)


def _is_open(other: Replayed, at: datetime, asked: Replayed) -> bool:
    """Return whether a ticket was open when another began, those included that began at that instant before it."""
    began = (other.past.began_at, other.past.ticket_id) <= (asked.past.began_at, asked.past.ticket_id)
    return began and other.past.ended_at is not None and (other.past.ended_at > at or other is asked)
