"""Transitions between statuses."""

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from
from ticket_service.domain.enums import Status
from ticket_service.domain.errors import IllegalMove
from ticket_service.domain.lifecycle import FOLLOWS, move

ENDED = {Status.RESOLVED, Status.CLOSED}


def test_a_new_ticket_may_move_anywhere() -> None:
    assert FOLLOWS[Status.PENDING] == set(Status) - {Status.PENDING}


@pytest.mark.parametrize("ended", ENDED)
def test_a_resolved_or_closed_ticket_reopens_but_never_becomes_pending_again(ended: Status) -> None:
    assert move(ended, Status.IN_PROGRESS)
    with pytest.raises(IllegalMove, match="can't become pending"):
        move(ended, Status.PENDING)


def test_a_closed_ticket_does_not_become_resolved() -> None:
    with pytest.raises(IllegalMove):
        move(Status.CLOSED, Status.RESOLVED)


@pytest.mark.parametrize("status", Status)
def test_the_same_status_again_changes_nothing(status: Status) -> None:
    assert not move(status, status)


class AnyLifeOfATicket(RuleBasedStateMachine):
    """People try any moves in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.status = Status.PENDING
        self.moves = 0

    @rule(wanted=sampled_from(Status))
    def try_to_move(self, wanted: Status) -> None:
        try:
            changes = move(self.status, wanted)
        except IllegalMove:
            # An illegal move always leaves another move, and only moves back or out of an end are illegal.
            assert FOLLOWS[self.status]
            assert wanted is Status.PENDING or self.status in ENDED
            return
        assert changes == (wanted is not self.status)
        self.moves += changes
        self.status = wanted

    @invariant()
    def pending_is_only_where_nothing_moved(self) -> None:
        assert (self.status is Status.PENDING) == (self.moves == 0)

    @invariant()
    def work_can_always_be_taken_up_or_closed(self) -> None:
        for wanted in (Status.IN_PROGRESS, Status.CLOSED):
            move(self.status, wanted)


AnyLifeOfATicket.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyLifeOfATicket = AnyLifeOfATicket.TestCase
