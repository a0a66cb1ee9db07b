"""The clocks of a task: what starts, pauses, ends and breaches them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from workflow_service.domain.calendar import Pause, elapsed
from workflow_service.domain.clocks import (
    DUE,
    ENDED,
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    PAUSED,
    RESOLUTION,
    RUNNING,
    STEP,
    Clock,
    clocks_of,
    step_target,
)
from workflow_service.domain.facts import Comment, Facts, PriorityChange, StatusChange, StepVisit
from workflow_service.domain.policy import PRIORITY, Policy

from ..calendars import ALWAYS, CLOSED, NINE_TO_FIVE, at

HOUR = timedelta(hours=1)
TARGETS = {"urgent": 4 * HOUR, "high": 8 * HOUR, "medium": 16 * HOUR, "low": 24 * HOUR}
RESPONSE = {"urgent": HOUR, "high": 2 * HOUR, "medium": 4 * HOUR, "low": 8 * HOUR}
OFFICE = Policy(NINE_TO_FIVE, TARGETS, RESPONSE)
MONDAY = at("2026-02-02 09:00")


def monday(time: str) -> datetime:
    return at(f"2026-02-02 {time}")


def tuesday(time: str) -> datetime:
    return at(f"2026-02-03 {time}")


def status(instant: datetime, name: str, revision: int = 1) -> StatusChange:
    return StatusChange(instant, revision, name)


def facts(priority: str = "high", **more: Any) -> Facts:
    return Facts(MONDAY, priority, **more)


def clock(kind: str, of: Facts, policy: Policy = OFFICE) -> Clock:
    (found,) = clocks(kind, of, policy)
    return found


def clocks(kind: str, of: Facts, policy: Policy = OFFICE) -> list[Clock]:
    return [found for found in clocks_of(of, policy) if found.kind == kind]


def breaches(of: Clock) -> list[tuple[datetime, datetime, str]]:
    return [(breach.due_at, breach.at, breach.reason) for breach in of.breaches]


def test_a_task_has_a_clock_for_the_first_response_and_one_for_the_resolution() -> None:
    assert [(each.kind, each.due_at, each.state) for each in clocks_of(facts(), OFFICE)] == [
        (FIRST_RESPONSE, monday("11:00"), RUNNING), (RESOLUTION, monday("17:00"), RUNNING),
    ]  # fmt: skip
    assert clock(RESOLUTION, facts()).warn_at == monday("15:00")


def test_without_response_targets_there_are_no_clocks_of_responses() -> None:
    assert [each.kind for each in clocks_of(facts(), Policy(NINE_TO_FIVE, TARGETS))] == [RESOLUTION]


@pytest.mark.parametrize(
    ("comment", "counts"),
    [
        (Comment(monday("10:00"), "agent"), True),
        (Comment(monday("10:00"), "agent", internal=True), False),
        (Comment(monday("10:00"), "machine"), False),
        (Comment(monday("10:00"), "requester"), False),
    ],
)
def test_only_a_public_message_of_a_person_of_the_company_is_a_response(comment: Comment, counts: bool) -> None:
    first = clock(FIRST_RESPONSE, facts(comments=[comment]))
    assert first.ended_at == (monday("10:00") if counts else None)
    assert bool(first.breaches) is not counts


def test_a_response_at_the_due_time_is_in_time_and_a_second_later_is_not() -> None:
    assert not clock(FIRST_RESPONSE, facts(comments=[Comment(monday("11:00"), "agent")])).breaches
    late = clock(FIRST_RESPONSE, facts(comments=[Comment(monday("11:00") + timedelta(seconds=1), "agent")]))
    assert breaches(late) == [(monday("11:00"), monday("11:00"), DUE)]
    assert late.state == ENDED, "a late first response stays shown as late (chatwoot PR#13392)"


def test_a_reply_that_arrives_late_was_in_time() -> None:
    """The breach that was declared in between has no ground any more."""
    before = clock(FIRST_RESPONSE, facts())
    assert before.breaches
    after = clock(FIRST_RESPONSE, facts(comments=[Comment(monday("10:59"), "agent")]))
    assert (after.state, after.due_at, after.breaches) == (ENDED, monday("11:00"), ())


def test_resolving_answers_too_and_both_clocks_stop() -> None:
    """chatwoot#10178, chatwoot PR#15024: the time overdue went on growing after the resolution."""
    for each in clocks_of(facts(statuses=[status(tuesday("10:00"), "resolved")]), OFFICE):
        assert (each.state, each.ended_at) == (ENDED, tuesday("10:00"))
        assert len(each.breaches) == 1


def test_a_pause_moves_the_resolution_and_not_the_first_response() -> None:
    held = facts(statuses=[status(monday("10:00"), "on_hold"), status(monday("12:00"), "in_progress", 2)])
    assert clock(RESOLUTION, held).due_at == tuesday("11:00")
    assert clock(FIRST_RESPONSE, held).due_at == monday("11:00")
    pausing = Policy(NINE_TO_FIVE, TARGETS, RESPONSE, first_response_pauses=True)
    assert clock(FIRST_RESPONSE, held, pausing).due_at == monday("13:00")


def test_a_paused_clock_has_no_due_date_and_is_never_breached() -> None:
    """glpi#24481."""
    held = clock(RESOLUTION, facts(statuses=[status(monday("10:00"), "on_hold")]))
    assert (held.state, held.due_at, held.breaches) == (PAUSED, None, ())


def test_a_clock_that_was_late_before_the_pause_stays_late() -> None:
    held = clock(RESOLUTION, facts("urgent", statuses=[status(monday("14:00"), "on_hold")]))
    assert (held.state, held.due_at) == (RUNNING, monday("13:00"))
    assert breaches(held) == [(monday("13:00"), monday("13:00"), DUE)]


def test_a_clock_that_is_paused_at_its_due_time_is_late_once_it_runs_again() -> None:
    hold = status(monday("13:00"), "on_hold")
    assert clock(RESOLUTION, facts("urgent", statuses=[hold])).breaches == ()
    released = facts("urgent", statuses=[hold, status(monday("15:00"), "in_progress", 2)])
    assert breaches(clock(RESOLUTION, released)) == [(monday("13:00"), monday("15:00"), DUE)]


def test_hold_and_release_in_the_same_second_change_nothing() -> None:
    held = facts(statuses=[status(monday("10:00"), "on_hold"), status(monday("10:00"), "in_progress", 2)])
    assert clock(RESOLUTION, held).due_at == monday("17:00")


def test_a_reopened_ticket_goes_on_where_it_was_resolved() -> None:
    """zammad#188."""
    changes = [status(monday("11:00"), "resolved"), status(tuesday("09:00"), "in_progress", 2),
               status(tuesday("10:00"), "on_hold", 3), status(tuesday("11:00"), "in_progress", 4)]  # fmt: skip
    reopened = clock(RESOLUTION, facts(statuses=changes))
    assert reopened.due_at == tuesday("16:00")
    assert clock(RESOLUTION, facts(statuses=changes[:1])).ended_at == monday("11:00")


def test_facts_count_in_the_order_of_their_times_and_not_of_their_arrival() -> None:
    changes = [status(monday("10:00"), "on_hold", 2), status(monday("12:00"), "in_progress", 3)]
    assert clocks_of(facts(statuses=changes), OFFICE) == clocks_of(facts(statuses=changes[::-1]), OFFICE)


def test_a_higher_priority_has_the_same_start_and_keeps_the_pauses() -> None:
    """glpi#6902, glpi#15605."""
    held = [status(monday("11:00"), "on_hold"), status(monday("15:00"), "in_progress", 2)]
    before = facts("medium", statuses=held)
    after = facts("medium", statuses=held, priorities=[PriorityChange(monday("12:00"), 2, "high")])
    assert clock(RESOLUTION, before).due_at == at("2026-02-04 13:00")
    assert clock(RESOLUTION, after).due_at == tuesday("13:00")


def test_a_priority_that_is_over_already_breaches_now_and_is_not_backdated() -> None:
    raised = facts("high", priorities=[PriorityChange(monday("15:00"), 2, "urgent")])
    assert breaches(clock(RESOLUTION, raised)) == [(monday("13:00"), monday("15:00"), PRIORITY)]


def test_a_priority_that_is_over_while_paused_breaches_at_the_release() -> None:
    hold, raised = status(monday("14:00"), "on_hold"), [PriorityChange(monday("15:00"), 2, "urgent")]
    assert clock(RESOLUTION, facts("high", statuses=[hold], priorities=raised)).breaches == ()
    released = facts("high", statuses=[hold, status(monday("16:00"), "in_progress", 2)], priorities=raised)
    assert breaches(clock(RESOLUTION, released)) == [(monday("13:00"), monday("16:00"), PRIORITY)]


def test_a_clock_that_is_late_already_is_not_breached_again_by_a_higher_priority() -> None:
    raised = facts("high", priorities=[PriorityChange(tuesday("10:00"), 2, "urgent")])
    assert breaches(clock(RESOLUTION, raised)) == [(monday("17:00"), monday("17:00"), DUE)]


def test_a_lower_priority_keeps_the_breach_that_happened_and_gives_new_time() -> None:
    lowered = clock(RESOLUTION, facts("urgent", priorities=[PriorityChange(monday("15:00"), 2, "high")]))
    assert lowered.due_at == monday("17:00")
    assert breaches(lowered) == [
        (monday("13:00"), monday("13:00"), DUE), (monday("17:00"), monday("17:00"), DUE),
    ]  # fmt: skip


def test_a_priority_after_the_end_changes_nothing() -> None:
    resolved = [status(monday("11:00"), "resolved")]
    changed = facts("high", statuses=resolved, priorities=[PriorityChange(monday("12:00"), 2, "urgent")])
    assert clocks_of(changed, OFFICE) == clocks_of(facts("high", statuses=resolved), OFFICE)


def test_the_next_response_begins_at_the_oldest_message_without_an_answer() -> None:
    """zammad#5177: the clock of the next response doesn't hide the first one."""
    comments = [
        Comment(monday("09:30"), "requester"),
        Comment(monday("10:00"), "agent"),
        Comment(monday("11:00"), "requester"),
        Comment(monday("11:30"), "requester"),
        Comment(monday("12:00"), "agent", internal=True),
        Comment(monday("14:00"), "agent"),
        Comment(monday("15:00"), "requester"),
    ]
    found = clocks(NEXT_RESPONSE, facts(comments=comments))
    assert [(each.opened_at, each.due_at, each.ended_at) for each in found] == [
        (monday("11:00"), monday("13:00"), monday("14:00")), (monday("15:00"), monday("17:00"), None),
    ]  # fmt: skip
    assert breaches(found[0]) == [(monday("13:00"), monday("13:00"), DUE)]


def test_thanks_to_a_resolved_ticket_waits_for_nobody_until_it_is_reopened() -> None:
    resolved, thanks = status(monday("10:00"), "resolved"), Comment(monday("11:00"), "requester")
    assert clocks(NEXT_RESPONSE, facts(statuses=[resolved], comments=[thanks])) == []
    reopened = facts(statuses=[resolved, status(monday("12:00"), "in_progress", 2)], comments=[thanks])
    assert [each.opened_at for each in clocks(NEXT_RESPONSE, reopened)] == [monday("12:00")]


def test_a_next_response_has_the_target_of_the_priority_at_its_message() -> None:
    comments = [Comment(monday("10:00"), "agent"), Comment(monday("14:00"), "requester")]
    raised = facts("low", comments=comments, priorities=[PriorityChange(monday("12:00"), 2, "urgent")])
    assert clock(NEXT_RESPONSE, raised).due_at == monday("15:00")


def test_the_first_of_two_steps_with_weights_1_and_3_has_two_of_eight_hours() -> None:
    first = StepVisit("Triage", MONDAY, 1 / 4, monday("10:00"))
    second = StepVisit("Delivery", monday("10:00"), 1.0)
    steps = clocks(STEP, facts(visits=[first, second]))
    assert [(each.step, each.due_at, each.ended_at) for each in steps] == [
        ("Triage", monday("11:00"), monday("10:00")), ("Delivery", monday("17:00"), None),
    ]  # fmt: skip


def test_a_step_that_is_reached_after_its_due_time_is_breached_on_arrival() -> None:
    visits = [StepVisit("One", MONDAY, 1 / 8, monday("15:00")), StepVisit("Two", monday("15:00"), 2 / 8)]
    one, two = clocks(STEP, facts(visits=visits))
    assert breaches(one) == [(monday("10:00"), monday("10:00"), DUE)]
    assert breaches(two) == [(monday("11:00"), monday("15:00"), DUE)]


def test_rounding_of_steps_never_adds_up() -> None:
    target = timedelta(seconds=100)
    assert [step_target(target, number / 7).seconds for number in range(1, 8)] == [14, 28, 42, 57, 71, 85, 100]


def test_a_calendar_that_never_opens_gives_no_due_date_and_no_breach() -> None:
    closed = clock(RESOLUTION, facts(), Policy(CLOSED, TARGETS))
    assert (closed.due_at, closed.warn_at, closed.breaches) == (None, None, ())


def test_a_reply_before_the_start_ended_the_first_response() -> None:
    early = clock(FIRST_RESPONSE, facts(comments=[Comment(MONDAY - HOUR, "agent")]))
    assert (early.state, early.breaches) == (ENDED, ())


def test_around_the_clock_a_pause_of_ninety_minutes_moves_the_due_date_by_ninety_minutes() -> None:
    held = facts(statuses=[status(monday("10:00"), "on_hold"), status(monday("11:30"), "in_progress", 2)])
    found = clock(RESOLUTION, held, Policy(ALWAYS, TARGETS))
    assert found.due_at == monday("18:30")
    assert elapsed(ALWAYS, MONDAY, found.due_at or MONDAY, [Pause(monday("10:00"), monday("11:30"))]) == 8 * HOUR


def test_a_prediction_does_not_override_a_persons_priority() -> None:
    changes = [PriorityChange(monday("10:00"), 5, "urgent"), PriorityChange(monday("11:00"), 0, "low")]
    assert facts("high", priorities=changes).periods() == [(MONDAY, "high"), (monday("10:00"), "urgent")]
    before = [PriorityChange(MONDAY - HOUR, 5, "urgent"), PriorityChange(MONDAY, 0, "low")]
    assert facts("low", priorities=before).periods() == [(MONDAY, "urgent")]


def test_a_completed_task_ends_its_clocks_as_a_resolved_ticket_does() -> None:
    completed = facts(completions=[Pause(monday("11:00"), monday("12:00")), Pause(monday("13:00"))])
    found = clock(RESOLUTION, completed)
    assert (found.state, found.ended_at, found.due_at) == (ENDED, monday("13:00"), tuesday("10:00"))


@pytest.mark.parametrize(
    ("held", "due_at"), [(("12:00", "14:00"), "11:00"), (("10:30", "14:00"), "11:15"), (("10:30", None), "11:15")]
)
def test_a_pause_after_a_step_was_left_does_not_move_its_due_date(held: tuple[str, str | None], due_at: str) -> None:
    statuses = [status(monday(held[0]), "on_hold", 1)]
    if held[1] is not None:
        statuses.append(status(monday(held[1]), "in_progress", 2))
    visit = StepVisit("Triage", MONDAY, 0.25, left_at=monday("10:45"))
    found = clock(STEP, facts(visits=[visit], statuses=statuses))
    assert (found.state, found.due_at, found.breaches) == (ENDED, monday(due_at), ())
