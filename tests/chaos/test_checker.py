"""Each rule of the checker finds what it is there for, on histories made by hand, and nothing in a sound one."""

from copy import deepcopy
from dataclasses import replace

import orjson
import pytest

from tests.chaos.checker import (
    CAME_BACK,
    DIFFERENT,
    DISORDER,
    DOUBLE,
    LOST,
    PARKED,
    REFUSED,
    TOO_EARLY,
    UNFINISHED,
    check,
)
from tests.chaos.history import Change, History, Publication, Receipt
from tests.chaos.load import Call, Expected

QUEUES = {"ai-service.categorize": ("ticket.created",), "ticket-service.show-routing": ("ticket.routed",)}


def row(at, schema, table, action="INSERT", **line):
    return Change(int(at * 10), at, schema, table, action, line)


def announced(at, schema, event_id, kind, *, cause_id="", revision=1, subject="1", **body):
    line = {"id": event_id, "type": kind, "subject": subject, "company_id": 1, "cause_id": cause_id}
    return row(at, schema, "outbox", **line, revision=revision, published_at=None, body=orjson.dumps(body).decode())


def marked(at, schema, event_id, kind):
    return row(at, schema, "outbox", "UPDATE", id=event_id, type=kind, published_at="now")


@pytest.fixture
def sound():
    """One ticket from the call to the count."""
    routed = {"department": "HR", "need_admin": False, "company_id": 1}
    return History(
        queues=QUEUES,
        final=frozenset({"ticket.deleted"}),
        calls=[Call(1.0, "create", "one", 201)],
        tickets=[Expected(1, "one")],
        changes=[
            row(1.0, "ticket", "tickets", id=1, title="one"),
            announced(1.1, "ticket", "e1", "ticket.created"),
            row(1.2, "ticket", "ticket_events", ticket_id=1, event_type="created", cause="request"),
            marked(2.1, "ticket", "e1", "ticket.created"),
            row(3.0, "ai", "inbox", queue="ai-service.categorize", event_id="e1"),
            announced(3.1, "routing", "e2", "ticket.routed", cause_id="e1"),
            row(3.2, "analytics", "analytics_events", event_id="e1"),
            marked(4.1, "routing", "e2", "ticket.routed"),
            row(5.0, "ticket", "inbox", queue="ticket-service.show-routing", event_id="e2"),
            row(5.1, "ticket", "ticket_events", ticket_id=1, event_type="routed", cause="ticket.routed e2"),
        ],
        publications=[
            Publication(2.0, "ticket-service", None, "e1", "CONFIRMED"),
            Publication(4.0, "routing-service", None, "e2", "CONFIRMED"),
        ],
        receipts=[Receipt(3.0, "ai-service.categorize", "e1")],
        states={
            "tickets": [{"id": 1, "status": "pending", "priority": "low", **routed}],
            "routed": [{"ticket_id": 1, "gone": False, **routed}],
            "counted": [{"ticket_id": 1, "gone": False, "status": "pending", **routed}],
            "totals": [{"company_id": 1, "department": "HR", "status": "pending", "tickets": 1}],
            "routing_totals": [{"company_id": 1, "department": "HR", "tickets": 1}],
        },
    )


def kinds(history):
    return {finding.kind for finding in check(history)}


def without(history, number):
    return replace(history, changes=[each for place, each in enumerate(history.changes) if place != number])


def again(history, number):
    return replace(history, changes=[*history.changes, history.changes[number]])


def test_a_sound_history_has_no_findings(sound):
    assert check(sound) == []


@pytest.mark.parametrize("number", [0, 4, 8])
def test_a_ticket_or_an_effect_that_is_missing_is_found(sound, number):
    assert LOST in kinds(without(sound, number))


def test_an_event_that_was_never_confirmed_is_found(sound):
    sound.publications[0] = replace(sound.publications[0], outcome="UNCONFIRMED")
    assert LOST in kinds(sound)


def test_a_refill_of_one_queue_does_not_stand_for_the_publication(sound):
    sound.publications[0] = replace(sound.publications[0], queue="ai-service.categorize")
    assert LOST in kinds(sound)


@pytest.mark.parametrize(("decided_by", "found"), [("keywords", set()), ("person", {LOST})])
def test_only_what_concerns_a_consumer_must_have_its_effect_there(sound, decided_by, found):
    body = {"ticket_id": 1, "department": "HR", "decided_by": decided_by}
    sound.changes[5].line.update(actor_kind="system", body=orjson.dumps(body).decode())
    assert kinds(replace(sound, queues={**QUEUES, "ai-service.learn": ("ticket.routed",)})) == found


@pytest.mark.parametrize("number", [0, 2, 5, 6, 9])
def test_an_effect_that_happened_twice_is_found(sound, number):
    assert DOUBLE in kinds(again(sound, number))


@pytest.mark.parametrize(("second", "found"), [("clocks", set()), ("moved", {DOUBLE})])
def test_a_status_moves_a_task_and_its_clocks_once_each(sound, second, found):
    for number, action in ((1, "moved"), (2, second)):
        made = announced(
            5.2, "workflow", f"a{number}", "ticket.assigned", cause_id="e2", revision=number, action=action
        )
        sound.changes += [made, marked(5.4, "workflow", f"a{number}", "ticket.assigned")]
        sound.publications.append(Publication(5.3, "workflow-service", "", f"a{number}", "CONFIRMED"))
    assert kinds(sound) == found


def test_a_routing_without_an_answer_is_found(sound):
    sound.changes.append(row(6, "routing", "ticket_routing", ticket_id=1, actor="system"))
    assert kinds(sound) == {DOUBLE}


def test_a_mark_before_the_confirm_is_found_even_if_nothing_was_lost(sound):
    sound.publications[0] = replace(sound.publications[0], at=2.2)
    assert kinds(sound) == {TOO_EARLY}


def test_a_parked_event_is_found(sound):
    sound.changes.append(row(6, "ai", "parked", type="ticket.created", queue="q", reason="OperationalError"))
    assert kinds(sound) == {PARKED}


def test_a_gap_in_the_revisions_is_found(sound):
    sound.changes.append(announced(6, "ai", "e3", "ticket.categorized", revision=2))
    sound.publications.append(Publication(6, "ai-service", None, "e3", "CONFIRMED"))
    assert kinds(sound) == {DISORDER}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_wrong_refusal_is_found(sound, status):
    sound.calls.append(Call(2, "PUT status", "1", status, {"code": "x"}))
    assert kinds(sound) == {REFUSED}


def test_a_503_or_no_answer_is_no_finding(sound):
    sound.calls += [Call(2, "create", "two", 503), Call(2, "create", "two", None)]
    assert check(sound) == []


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"statuses": {"closed"}}, {DIFFERENT}),
        ({"priorities": {"urgent"}}, {DIFFERENT}),
        ({"departments": {"Finance"}}, {DIFFERENT}),
        ({"deleted": True}, {CAME_BACK}),
        ({"deleted": None}, set()),
        ({"statuses": {"closed", "pending"}}, set()),
    ],
)
def test_a_final_state_other_than_what_the_caller_was_told_is_found(sound, told, found):
    sound.tickets[0] = replace(sound.tickets[0], **told)
    assert kinds(sound) == found


@pytest.mark.parametrize("place", ["routed", "counted"])
@pytest.mark.parametrize("change", [{"department": "Finance"}, {"need_admin": True}, {"gone": True}])
def test_two_services_with_different_pictures_are_found(sound, place, change):
    states = deepcopy(sound.states)
    states[place][0].update(change)
    assert kinds(replace(sound, states=states)) & {DIFFERENT, LOST}


@pytest.mark.parametrize("place", ["totals", "routing_totals"])
def test_a_count_that_is_off_by_one_is_found(sound, place):
    states = deepcopy(sound.states)
    states[place][0]["tickets"] = 2
    assert kinds(replace(sound, states=states)) == {DIFFERENT}


def test_a_ticket_that_was_deleted_but_is_still_known_elsewhere_is_found(sound):
    states = {**sound.states, "tickets": []}
    assert CAME_BACK in kinds(replace(sound, states=states, tickets=[replace(sound.tickets[0], deleted=True)]))


def test_a_ticket_that_is_gone_though_nobody_deleted_it_is_found(sound):
    assert LOST in kinds(replace(sound, states={**sound.states, "tickets": []}))


def test_what_a_deleted_ticket_left_unpublished_is_not_missed(sound):
    sound.changes += [announced(6, "ticket", "e9", "ticket.deleted", revision=2), marked(8, "ticket", "e9", "x")]
    sound.publications[:] = [Publication(7, "ticket-service", None, "e9", "CONFIRMED")]
    assert LOST not in {finding.kind for finding in check(sound) if "published" in finding.what}


def test_a_system_that_did_not_come_to_rest_is_found(sound):
    assert kinds(replace(sound, converged_seconds=None)) == {UNFINISHED}
