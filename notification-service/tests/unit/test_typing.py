"""Decisions about frames of people who write."""

from notification_service.domain.typing import Step, Typing


def test_beginning_and_end_are_announced_once_and_presence_is_renewed_in_between() -> None:
    typing = Typing()
    frames = [(True, 0.0), (True, 1.0), (True, 5.0), (True, 6.0), (True, 10.0), (False, 11.0), (False, 12.0)]
    assert [typing.take(*frame) for frame in frames] == [
        Step.ANNOUNCE, Step.NOTHING, Step.RENEW, Step.NOTHING, Step.RENEW, Step.ANNOUNCE, Step.NOTHING,
    ]  # fmt: skip


def test_who_begins_and_ends_again_and_again_is_announced_every_two_seconds() -> None:
    typing = Typing()
    steps = [typing.take(number % 2 == 0, number / 10) for number in range(41)]
    assert steps.count(Step.ANNOUNCE) <= 6
    assert Step.RENEW not in steps


def test_an_end_without_a_beginning_is_nothing() -> None:
    assert Typing().take(False, 0.0) is Step.NOTHING
