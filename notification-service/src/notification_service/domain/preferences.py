"""By which channel a person wants to be notified of what, and when not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from notification_service.domain.digest import Digest
from notification_service.domain.kinds import DIGEST, Kind, group_of


class Channel(StrEnum):
    """A way to reach a person."""

    IN_APP = "in_app"
    EMAIL = "email"


OFF_BY_DEFAULT = {(Kind.SOLUTION, Channel.EMAIL), (Kind.TEAM, Channel.EMAIL)}


class NoPerson(Exception):
    """The caller is a program without an account, so that it has no notifications and no preferences."""

    def __init__(self) -> None:
        super().__init__("only a person with an account has preferences")


@dataclass(frozen=True)
class QuietHours:
    """The hours in which no mail is sent, by the clock on the wall of a time zone; over midnight where start > end."""

    start: time
    end: time
    time_zone: str

    def end_after(self, moment: datetime) -> datetime | None:
        """Return when the quiet hours end that a moment lies in; None outside of them.

        The end is a time on the wall: a change to or from summer time makes the hours shorter or longer.
        """
        zone = ZoneInfo(self.time_zone)
        local = moment.astimezone(zone)
        for day in (local.date() - timedelta(days=1), local.date()):
            last = day if self.start < self.end else day + timedelta(days=1)
            begin = datetime.combine(day, self.start, zone)
            end = datetime.combine(last, self.end, zone)
            if begin <= local and moment < end.astimezone(moment.tzinfo):
                return end.astimezone(moment.tzinfo)
        return None


@dataclass(frozen=True)
class Preferences:
    """A person's preferences; a channel that isn't named has its default."""

    channels: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    digest: Digest | None = None

    def wants(self, kind: str, channel: Channel) -> bool:
        """Return whether the person wants notifications of a kind by a channel."""
        if kind == DIGEST:
            return self.digest is not None and channel is Channel.EMAIL
        group = group_of(kind)
        default = (group, channel) not in OFF_BY_DEFAULT
        return bool(self.channels.get(group, {}).get(channel, default))

    def document(self) -> dict[str, Any]:
        """Return the preferences as the API shows them, with every kind and channel."""
        quiet, digest = self.quiet_hours, self.digest
        return {
            "channels": {
                kind.value: {channel.value: self.wants(kind, channel) for channel in Channel} for kind in Kind
            },
            "quiet_hours": None
            if quiet is None
            else {"start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}", "time_zone": quiet.time_zone},
            "digest": None if digest is None else {**vars(digest), "at": f"{digest.at:%H:%M}"},
        }


def preferences_of(document: Mapping[str, Any] | None) -> Preferences:
    """Return the preferences that a document holds; the defaults without one."""
    if not document:
        return Preferences()
    quiet = document.get("quiet_hours")
    hours = None
    if quiet:
        hours = QuietHours(time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"]), quiet["time_zone"])
    wanted = document.get("digest")
    digest = Digest(**{**wanted, "at": time.fromisoformat(wanted["at"])}) if wanted else None
    return Preferences(document.get("channels") or {}, hours, digest)
