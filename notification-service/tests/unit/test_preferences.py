"""Channels and quiet hours."""

from datetime import UTC, datetime, time

import pytest
from notification_service.domain.kinds import Kind, words_of
from notification_service.domain.preferences import Channel, Preferences, QuietHours, preferences_of

NIGHT = QuietHours(time(22), time(7), "Europe/Berlin")


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_can_be_switched_off_by_each_channel(kind: Kind, channel: Channel) -> None:
    off = Preferences({kind: {channel: False}})
    assert not off.wants(kind, channel)
    assert [each for each in Kind if each is not kind and not off.wants(each, Channel.IN_APP)] == []
    assert Preferences({kind: {channel: True}}).wants(kind, channel)


def test_a_document_that_was_stored_says_the_same() -> None:
    stored = Preferences({Kind.COMMENT: {Channel.EMAIL: False}}, NIGHT)
    assert preferences_of(stored.document()).document() == stored.document()
    assert preferences_of(None).document()["quiet_hours"] is None


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-07-01T21:30:00", "2026-07-02T05:00:00"),
        ("2026-07-02T04:59:59", "2026-07-02T05:00:00"),
        ("2026-07-02T05:00:00", None),
        ("2026-07-01T19:59:59", None),
        ("2026-07-01T20:00:00", "2026-07-02T05:00:00"),
        # Summer time begins on 2027-03-28 at 02:00 and ends on 2026-10-25 at 03:00: the wall's 07:00 counts.
        ("2027-03-27T22:00:00", "2027-03-28T05:00:00"),
        ("2026-10-24T22:00:00", "2026-10-25T06:00:00"),
        ("2026-10-25T01:30:00", "2026-10-25T06:00:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(moment: str, end: str | None) -> None:
    found = NIGHT.end_after(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


def test_quiet_hours_may_lie_within_a_day() -> None:
    lunch = QuietHours(time(12), time(13), "UTC")
    assert lunch.end_after(datetime(2026, 7, 1, 12, 30, tzinfo=UTC)) == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert lunch.end_after(datetime(2026, 7, 1, 13, 30, tzinfo=UTC)) is None


def test_every_kind_has_words() -> None:
    facts = {
        "priority": "high",
        "due": "2026-11-20T10:30:00Z",
        "internal": True,
        "steps": 2,
        "clock": "resolution",
        "step": "Approve",
    }
    for kind in set(Kind) - {Kind.MESSAGE}:
        assert all("42" in each for each in words_of(kind, 42, facts))
    assert words_of(Kind.MESSAGE, None, {"subject": "s", "message": "m"}) == ("s", "m")


def test_types_of_programs_count_as_messages() -> None:
    off = Preferences({Kind.MESSAGE: {Channel.IN_APP: False}})
    assert not off.wants("maintenance", Channel.IN_APP)
    assert off.wants("maintenance", Channel.EMAIL)
