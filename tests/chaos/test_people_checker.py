"""Each rule of the checker of mails and webhooks finds what it is there for, and nothing in what a sound run leaves."""

from dataclasses import replace

import pytest

from tests.chaos.checker import DIFFERENT, DISORDER, DOUBLE, LOST, PARKED, REFUSED, UNFINISHED
from tests.chaos.people_checker import DeliveryRow, HookMessage, MailIn, MailRow, Notice, Remains, check

RITA = "rita@desk.example"


@pytest.fixture
def sound():
    """Return a run with a mail that opens a ticket, its answer, a receipt, and a webhook."""
    receipt = Notice("received", RITA, 1)
    messages = [HookMessage("msg_1_a", 1, 1), HookMessage("msg_1_b", 1, 3)]
    return Remains(
        mails_in=[MailIn("one", "1@x"), MailIn("two", "2@x", answers="one", copies=2)],
        tickets={1: "one\n", 2: "post"},
        comments=[(1, "two")],
        mail_rows=[MailRow("1@x", "published", 1), MailRow("2@x", "duplicate", None), MailRow("2@x", "published", 1)],
        posts=["post"],
        notices=[receipt],
        deliveries=[DeliveryRow(receipt, "<m1>", "sent")],
        arrived=["<m1>"],
        asked=messages,
        hooked=[messages[0], *messages],
        hook_states={"msg_1_a": "delivered", "msg_1_b": "delivered"},
        most_unknown=1,
    )


def kinds(remains):
    return {finding.kind for finding in check(remains)}


def with_delivery(remains, state, *, arrived):
    changed = replace(remains.deliveries[0], state=state)
    return replace(remains, deliveries=[changed], arrived=["<m1>"] * arrived)


def test_a_sound_run_has_no_findings(sound):
    assert check(sound) == []


@pytest.mark.parametrize(
    ("comments", "found"),
    [([], LOST), ([(1, "two"), (1, "two")], DOUBLE), ([(1, "two"), (2, "two")], DOUBLE), ([(2, "two")], DIFFERENT)],
)
def test_a_mail_that_is_missing_doubled_or_elsewhere_is_found(sound, comments, found):
    assert kinds(replace(sound, comments=comments)) == {found}


def test_an_answer_that_was_read_before_its_opening_may_be_a_ticket(sound):
    assert check(replace(sound, comments=[], tickets={**sound.tickets, 3: "two"})) == []


@pytest.mark.parametrize(
    ("number", "row", "found"),
    [
        (0, MailRow("1@x", "parked", None), UNFINISHED),
        (0, MailRow("1@x", "stored", None), UNFINISHED),
        (0, MailRow("1@x", "published", None), LOST),
        (1, MailRow("2@x", "published", 1), DIFFERENT),
    ],
)
def test_a_mail_that_is_not_read_once_is_found(sound, number, row, found):
    rows = [*sound.mail_rows[:number], row, *sound.mail_rows[number + 1 :]]
    assert found in kinds(replace(sound, mail_rows=rows))


@pytest.mark.parametrize(("tickets", "found"), [({1: "one"}, LOST), ({1: "one", 2: "post", 3: "post"}, DOUBLE)])
def test_a_post_that_is_lost_or_doubled_is_found(sound, tickets, found):
    assert kinds(replace(sound, tickets=tickets)) == {found}


def test_a_notice_that_is_missing_or_too_many_is_found(sound):
    assert kinds(replace(sound, notices=[])) == {DOUBLE}
    assert kinds(replace(sound, notices=[*sound.notices, Notice("mention", RITA, 1)])) == {LOST}


@pytest.mark.parametrize(
    ("state", "arrived", "found"),
    [
        ("sent", 0, {LOST}),
        ("sent", 2, {DOUBLE}),
        ("unknown", 0, set()),
        ("unknown", 1, set()),
        ("unknown", 2, {DOUBLE}),
        ("sending", 1, {UNFINISHED}),
        ("failed", 0, {UNFINISHED}),
    ],
)
def test_a_mail_out_arrives_once_and_may_be_missing_in_doubt_alone(sound, state, arrived, found):
    assert kinds(with_delivery(sound, state, arrived=arrived)) == found


def test_more_doubt_than_kills_explain_is_found(sound):
    assert kinds(replace(with_delivery(sound, "unknown", arrived=1), most_unknown=0)) == {LOST}


def test_a_mail_that_nobody_knows_is_found(sound):
    assert kinds(replace(sound, arrived=["<m1>", "<m2>"])) == {DIFFERENT}


def test_a_message_that_is_missing_or_has_a_second_id_is_found(sound):
    assert kinds(replace(sound, hooked=sound.hooked[:2])) == {LOST}
    assert kinds(replace(sound, hooked=[*sound.hooked, HookMessage("msg_1_c", 1, 4)])) == {DOUBLE}


def test_a_message_that_still_waits_is_found(sound):
    assert kinds(replace(sound, hook_states={"msg_1_a": "pending"})) == {UNFINISHED}


def test_messages_about_a_ticket_out_of_order_are_found(sound):
    first, second = sound.asked
    assert kinds(replace(sound, hooked=[second, first])) == {DISORDER}
    assert kinds(replace(sound, hooked=[first, second, first])) == {DISORDER}
    elsewhere = HookMessage("msg_1_c", 2, 1)
    assert check(replace(sound, hooked=[first, elsewhere, first, second], asked=[first, second, elsewhere])) == []


def test_a_refusal_a_parked_event_and_work_that_is_left_are_found(sound):
    assert kinds(replace(sound, refused=["POST /api/tickets: 400"])) == {REFUSED}
    assert kinds(replace(sound, parked=["mail.received in ticket-service.take-mails: KeyError"])) == {PARKED}
    assert kinds(replace(sound, seconds_to_quiet=None)) == {UNFINISHED}
