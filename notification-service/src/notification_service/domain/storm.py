"""When many notifications of one kind come to a person in a short time, the later ones become one with a count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from notification_service.domain.notification import NewNotification

Key = tuple[int, int, str]
"""Company, person and kind."""


@dataclass(frozen=True)
class StormLimit:
    """How many notifications of a kind a person gets one by one within `seconds`."""

    most: int
    seconds: int

    def interval_of(self, moment: datetime) -> tuple[str, datetime]:
        """Return the name and the end of the interval in which a moment lies; each has one notification at most."""
        number = int(moment.timestamp()) // self.seconds
        end = datetime.fromtimestamp((number + 1) * self.seconds, UTC)
        return f"storm:{end - timedelta(seconds=self.seconds):%Y-%m-%dT%H:%M:%SZ}", end


def key_of(new: NewNotification) -> Key:
    """Return what notifications are counted by."""
    return new.company_id, new.user_id, new.kind


def divided(
    new: Iterable[NewNotification], lately: Mapping[Key, int], most: int
) -> tuple[list[NewNotification], dict[Key, list[NewNotification]]]:
    """Return the notifications that come one by one and the further ones; `lately` counts those of before."""
    counts = dict(lately)
    single: list[NewNotification] = []
    further: dict[Key, list[NewNotification]] = {}
    for each in new:
        key = key_of(each)
        if counts.get(key, 0) < most:
            counts[key] = counts.get(key, 0) + 1
            single.append(each)
        else:
            further.setdefault(key, []).append(each)
    return single, further


def gathered(cause: str, further: Mapping[Key, list[NewNotification]]) -> list[NewNotification]:
    """Return one notification with a count for each person and kind."""
    return [
        NewNotification(
            company_id,
            user_id,
            kind,
            cause,
            ticket_id=None,
            is_shown=any(each.is_shown for each in found),
            is_mailed=any(each.is_mailed for each in found),
            facts={"count": len(found)},
        )
        for (company_id, user_id, kind), found in sorted(further.items())
    ]
