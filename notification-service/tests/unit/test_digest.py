"""When digests are due, and what they say."""

from datetime import UTC, datetime, time

import pytest
from notification_service.domain.digest import Digest, words_of_digest
from notification_service.domain.notification import Notification
from notification_service.domain.unsubscribing import BadToken, UnsubscribeLinks

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("digest", "moment", "due"),
    [
        (Digest("daily", time(8), BERLIN), "2026-07-01T05:59", "2026-07-01T06:00"),
        (Digest("daily", time(8), BERLIN), "2026-07-01T06:00", "2026-07-02T06:00"),
        (Digest("daily", time(8), BERLIN), "2026-12-01T06:59", "2026-12-01T07:00"),
        # Clocks go forward from 02:00 to 03:00: at 02:30 they show 03:30.
        (Digest("daily", time(2, 30), BERLIN), "2026-03-28T12:00", "2026-03-29T01:30"),
        # 02:30 comes twice: the first one counts.
        (Digest("daily", time(2, 30), BERLIN), "2026-10-24T12:00", "2026-10-25T00:30"),
        (Digest("daily", time(2, 30), BERLIN), "2026-10-25T00:30", "2026-10-26T01:30"),
        (Digest("weekly", time(8), BERLIN, 1), "2026-07-01T12:00", "2026-07-06T06:00"),
        (Digest("weekly", time(8), BERLIN, 3), "2026-07-01T06:00", "2026-07-08T06:00"),
        (Digest("weekly", time(8), "Pacific/Auckland", 1), "2026-07-05T19:00", "2026-07-05T20:00"),
    ],
)
def test_a_digest_is_due_by_the_clock_on_the_wall(digest: Digest, moment: str, due: str) -> None:
    found = digest.next_after(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_period_is_a_day_or_a_week_of_the_persons_own_zone() -> None:
    moment = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert Digest("daily", time(8), BERLIN).period_of(moment) == "2027-01-01"
    assert Digest("daily", time(8), "UTC").period_of(moment) == "2026-12-31"
    assert Digest("weekly", time(8), "UTC", 1).period_of(moment) == "2026-W53"


def test_a_digest_lists_some_and_counts_the_others() -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    facts = {"internal": False}
    listed = [Notification(number, "comment", number, facts, False, moment) for number in (1, 2)]
    assert words_of_digest(listed, 2, BERLIN).message.splitlines() == [
        "- 2026-07-01 14:00  New comment on ticket 1",
        "- 2026-07-01 14:00  New comment on ticket 2",
    ]
    words = words_of_digest(listed, 70, BERLIN)
    assert (words.subject, words.message.splitlines()[-1]) == ("70 unread notifications", "- and 68 more")


def test_a_link_to_unsubscribe_names_the_person_and_nobody_else_can_make_one() -> None:
    links = UnsubscribeLinks(b"key", "https://desk.example")
    token = links.of(3, 7).partition("token=")[2]
    assert links.read(token) == (3, 7)
    for other in (token.replace("3.7", "3.8"), token[:-1], f"{token}A", f"{token}\n", "3.7.", "0.7" + token[3:]):
        with pytest.raises(BadToken):
            links.read(other)
    with pytest.raises(BadToken):
        UnsubscribeLinks(b"other", "https://desk.example").read(token)
    assert UnsubscribeLinks(b"key", "").of(3, 7) == ""
