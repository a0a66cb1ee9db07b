"""A digest: one mail a day or a week with what a person has not read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from notification_service.domain.kinds import Words
from notification_service.domain.notification import Notification

DAILY, WEEKLY = "daily", "weekly"
MONDAY = 1
DAYS_AHEAD = 8
"""A time of a weekday that has passed today comes again in seven days."""
MAX_ITEMS = 50
"""How many notifications a digest lists; of the others it says how many there are."""


@dataclass(frozen=True)
class Digest:
    """When a person gets a digest, by the clock on the wall of a time zone."""

    frequency: str
    at: time
    time_zone: str
    weekday: int | None = None
    """Of a weekly one, from 1 for Monday to 7."""

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time after a moment at which a digest is due.

        A time that the change to summer time leaves out is the time that the clock shows instead.
        """
        zone = ZoneInfo(self.time_zone)
        today = moment.astimezone(zone).date()
        days = [today + timedelta(days=number) for number in range(DAYS_AHEAD)]
        wanted = [day for day in days if self.weekday is None or day.isoweekday() == self.weekday]
        times = [datetime.combine(day, self.at, zone).astimezone(moment.tzinfo) for day in wanted]
        return next(each for each in times if each > moment)

    def period_of(self, moment: datetime) -> str:
        """Return the name of the day or the week in which a moment lies: a person gets one digest in each."""
        local = moment.astimezone(ZoneInfo(self.time_zone))
        return f"{local:%G-W%V}" if self.frequency == WEEKLY else f"{local:%Y-%m-%d}"


def words_of_digest(unread: Iterable[Notification], number: int, time_zone: str) -> Words:
    """Return the texts of a digest that lists `unread` of `number` notifications."""
    zone = ZoneInfo(time_zone)
    lines = [f"- {each.created_at.astimezone(zone):%Y-%m-%d %H:%M}  {each.words.subject}" for each in unread]
    if number > len(lines):
        lines.append(f"- and {number - len(lines)} more")
    subject = "1 unread notification" if number == 1 else f"{number} unread notifications"
    return Words(subject, "\n".join(lines))
