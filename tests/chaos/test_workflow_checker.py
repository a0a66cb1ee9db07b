"""Each rule of workflow-service's checker finds what it is there for, and nothing in what a sound run leaves behind."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.checker import CAME_BACK, DIFFERENT, DISORDER, DOUBLE, LOST, PARKED, UNFINISHED
from tests.chaos.workflow_checker import UNFAIR, check
from tests.chaos.workflow_desk import Published
from tests.chaos.workflow_run import Remains

START = datetime(2026, 11, 30, 9, tzinfo=UTC)
DUE = START + timedelta(seconds=2)
ANN, BEN, LEA = "ann@example.com", "ben@example.com", "lea@example.com"
QUEUES = {"workflow-service.follow-tickets": ("ticket.routed", "ticket.deleted")}
PRESENT = {1: [ANN, BEN]}


def change(action, before, after):
    names = ("status", "step", "user")
    shown = {f"from_{name}": value for name, value in zip(names, before, strict=True)}
    shown |= {f"to_{name}": value for name, value in zip(names, after, strict=True)}
    return {"company_id": 1, "task_id": 5, "action": action, **shown}


def announced(kind, revision, **body):
    return {"company_id": 1, "subject": "42", "type": kind, "revision": revision, "published_at": START,
            "body": {"task_id": 5, **body}}  # fmt: skip


@pytest.fixture
def sound():
    """A ticket whose task went to Ann, was late, and was escalated to Lea."""
    new, escalated = ("pending", "New", ANN), ("pending", "New", LEA)
    key = {"company_id": 1, "task_id": 5}
    clock = key | {"kind": "first_response", "opened_at": START, "due_at": DUE}
    rows = {
        "tasks": [{"company_id": 1, "id": 5, "ticket_id": 42, "revision": 2, "status": "pending", "step": "New",
                   "assigned_user": LEA}],
        "events": [change("created", (None, None, None), new), change("escalated to lead", new, escalated)],
        "assignments": [key | {"assigned_user": ANN}, key | {"assigned_user": LEA}],
        "escalations": [key | {"role": "lead"}],
        "clocks": [clock | {"ended_at": None, "next_at": None, "state": "running"}],
        "recomputed": [clock | {"ended_at": None, "next_at": None, "state": "running"}],
        "breaches": [clock | {"breached_at": DUE, "reason": "due", "retracted_at": None}],
        "outbox": [
            announced("ticket.assigned", 1),
            announced("ticket.assigned", 2),
            announced("sla.breached", 2, clock="first_response", due_at=DUE.isoformat()),
        ],
        "inbox": [{"queue": "workflow-service.follow-tickets", "event_id": "e1"}],
        "parked": [],
    }  # fmt: skip
    return Remains([Published("e1", "ticket.routed", 1, "42")], QUEUES, rows)


def kinds(remains):
    return {finding.kind for finding in check(remains, PRESENT)}


def test_what_a_sound_run_leaves_has_no_findings(sound):
    assert check(sound, PRESENT) == []


@pytest.mark.parametrize(
    ("table", "place"),
    [("tasks", 0), ("assignments", 1), ("escalations", 0), ("breaches", 0), ("inbox", 0), ("outbox", 2)],
)
def test_a_row_that_is_missing_is_found(sound, table, place):
    del sound.rows[table][place]
    assert kinds(sound) & {LOST, DOUBLE}


@pytest.mark.parametrize(
    ("table", "place"),
    [("tasks", 0), ("events", 0), ("events", 1), ("assignments", 0), ("escalations", 0), ("outbox", 2)],
)
def test_an_effect_that_happened_twice_is_found(sound, table, place):
    sound.rows[table].append(deepcopy(sound.rows[table][place]))
    assert kinds(sound) & {DOUBLE, LOST, DISORDER}


def test_a_role_that_an_escalation_passed_over_is_stored_without_a_history_of_its_own(sound):
    (stored,) = sound.rows["escalations"]
    sound.rows["events"][1]["action"] = "escalated to manager"
    assert kinds(sound)
    sound.rows["escalations"].append(stored | {"role": "manager"})
    assert check(sound, PRESENT) == []
    sound.rows["escalations"].append(stored | {"role": "admin"})
    assert kinds(sound) == {LOST}


def test_a_clock_whose_breach_was_lost_is_found_and_one_that_ended_in_time_is_not(sound):
    sound.rows["breaches"].clear()
    del sound.rows["outbox"][2]
    assert kinds(sound) == {LOST}
    for rows in (sound.rows["clocks"], sound.rows["recomputed"]):
        rows[0]["ended_at"] = DUE
    assert check(sound, PRESENT) == []
    for rows in (sound.rows["clocks"], sound.rows["recomputed"]):
        rows[0]["ended_at"] = DUE + timedelta(microseconds=1)
    assert kinds(sound) == {LOST}


def test_a_breach_that_was_retracted_and_declared_again_is_no_second_one(sound):
    breach = {"clock": "first_response", "due_at": DUE.isoformat()}
    sound.rows["outbox"] += [announced("sla.retracted", 3, **breach), announced("sla.breached", 4, **breach)]
    assert check(sound, PRESENT) == []


def test_a_breach_at_the_time_of_the_restart_is_found(sound):
    sound.rows["breaches"][0]["breached_at"] += timedelta(hours=1)
    assert kinds(sound) == {DIFFERENT}


@pytest.mark.parametrize(("name", "value"), [("next_at", DUE), ("due_at", START), ("state", "paused")])
def test_a_clock_that_is_not_as_the_facts_say_is_found(sound, name, value):
    sound.rows["recomputed"][0][name] = value
    assert kinds(sound) == {LOST}


def test_a_task_that_is_not_as_its_history_says_is_found(sound):
    sound.rows["tasks"][0]["assigned_user"] = BEN
    assert kinds(sound) == {DIFFERENT}


def test_a_revision_that_was_never_published_or_twice_is_found(sound):
    sound.rows["tasks"][0]["revision"] = 3
    assert kinds(sound) == {DISORDER}
    sound.rows["outbox"] += [announced("ticket.assigned", 3), announced("ticket.assigned", 3)]
    assert kinds(sound) == {DISORDER}


def test_a_deleted_ticket_that_has_a_task_is_found(sound):
    sound.published.append(Published("e2", "ticket.deleted", 1, "42"))
    sound.rows["inbox"].append({"queue": "workflow-service.follow-tickets", "event_id": "e2"})
    assert kinds(sound) == {CAME_BACK}


def test_what_is_unpublished_parked_or_unfinished_is_found(sound):
    sound.rows["outbox"][0]["published_at"] = None
    sound.rows["parked"].append({"type": "ticket.routed", "queue": "q", "reason": "OperationalError"})
    sound.seconds_to_quiet = None
    assert kinds(sound) == {LOST, PARKED, UNFINISHED}


def test_somebody_who_got_two_more_than_another_is_found(sound):
    sound.rows["assignments"].append(sound.rows["assignments"][0])
    assert UNFAIR in kinds(sound)
