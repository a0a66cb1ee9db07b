"""What follows from a try, and what keeps a mail from being sent."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from notification_service.domain.delivery import (
    RETRY_SECONDS,
    MessageIds,
    Outcome,
    Recipient,
    Result,
    State,
    after,
    before_sending,
    due_at,
    footer_of,
)
from notification_service.domain.kinds import Kind
from notification_service.domain.preferences import Channel, Preferences, QuietHours

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
ANN = Recipient("ann@example.com", "agent", True, Preferences())


def test_a_postponed_mail_is_tried_again_after_growing_pauses_and_then_fails() -> None:
    pauses = []
    for number in range(1, 8):
        then = after(Outcome(Result.POSTPONED, "451 later"), number, NOW)
        pauses.append((then.state, then.at - NOW if then.at else None))
    assert pauses == [
        *((State.QUEUED, timedelta(seconds=seconds)) for seconds in (60, 300, 1800, 7200, 28800)),
        (State.FAILED, None), (State.FAILED, None),
    ]  # fmt: skip
    assert len(RETRY_SECONDS) == 5


@pytest.mark.parametrize(
    ("result", "state"),
    [(Result.SENT, State.SENT), (Result.REFUSED, State.FAILED), (Result.UNKNOWN, State.UNKNOWN)],
)
def test_every_other_result_is_final(result: Result, state: State) -> None:
    then = after(Outcome(result, "reason"), 1, NOW)
    assert (then.state, then.at, then.reason) == (state, None, "reason")


@pytest.mark.parametrize(
    ("recipient", "is_read", "reason"),
    [
        (None, False, "the person has no active account"),
        (Recipient("", "agent", False, Preferences()), False, "the person has no active account"),
        (Recipient("a@b.example", "agent", False, Preferences()), False, "the person has no active account"),
        (Recipient("a@b.example", "requester", True, Preferences()), False,
         "the person may not read internal notes any more"),
        (Recipient("a@b.example", "agent", True, Preferences({Kind.COMMENT: {Channel.EMAIL: False}})), False,
         "the person doesn't want mails of this kind"),
        (ANN, True, "read in the app before"),
    ],
)  # fmt: skip
def test_a_mail_is_suppressed_by_what_is_known_right_before_sending(
    recipient: Recipient | None, is_read: bool, reason: str
) -> None:
    then = before_sending(recipient, Kind.COMMENT, {"internal": True}, may_mail=True, is_read=is_read, now=NOW)
    assert (then.state, then.reason) == (State.SUPPRESSED, reason)


def test_a_mail_waits_for_the_end_of_quiet_hours() -> None:
    quiet = Preferences(quiet_hours=QuietHours(time(9), time(12), "UTC"))
    then = before_sending(
        Recipient("a@b.example", "agent", True, quiet), Kind.COMMENT, {}, may_mail=True, is_read=False, now=NOW
    )
    assert (then.state, then.at) == (State.QUEUED, NOW + timedelta(hours=2))
    assert before_sending(ANN, Kind.COMMENT, {}, may_mail=True, is_read=False, now=NOW).state is State.SENDING


def test_mails_about_what_people_look_at_anyway_wait_two_minutes() -> None:
    assert due_at(Kind.COMMENT, NOW) == NOW + timedelta(minutes=2)
    assert due_at(Kind.MENTION, NOW) == due_at(Kind.SLA_BREACH, NOW) == NOW


def test_a_message_id_follows_from_company_cause_and_person_and_from_the_key() -> None:
    ids = MessageIds(b"key", "desk.example")
    assert ids.of(1, "a", 7) == MessageIds(b"key", "desk.example").of(1, "a", 7)
    assert ids.of(1, "a", 7).endswith("@desk.example>")
    others = {ids.of(2, "a", 7), ids.of(1, "b", 7), ids.of(1, "a", 8), MessageIds(b"x", "desk.example").of(1, "a", 7)}
    assert len(others | {ids.of(1, "a", 7)}) == 5


def test_an_address_that_takes_no_mails_gets_none() -> None:
    for suppressed, state in (("", State.SENDING), ("550 no such mailbox", State.SUPPRESSED)):
        recipient = replace(ANN, suppressed=suppressed)
        assert before_sending(recipient, Kind.COMMENT, {}, may_mail=True, is_read=False, now=NOW).state is state


def test_a_footer_names_no_address_that_leads_nowhere() -> None:
    assert footer_of("https://desk.example").endswith(": https://desk.example/api/notifications/preferences")
    assert footer_of("") == "You get this mail because of your preferences for notifications."
