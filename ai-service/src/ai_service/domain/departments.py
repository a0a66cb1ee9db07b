"""The departments a company has, as far as this service knows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ai_service.domain.ticket_text import fingerprint

SEEDED = ("IT Support", "HR", "Facilities", "Finance", "General")
"""Every company begins with these, so they are assumed until their events have arrived."""

GENERAL = "General"


@dataclass(frozen=True)
class Department:
    """A department that may get tickets."""

    name: str
    description: str = ""


@dataclass(frozen=True)
class Known:
    """What events told about one department."""

    name: str
    description: str
    is_active: bool


@dataclass(frozen=True)
class Departments:
    """A company's list, the only names any answer may have. Equal lists are equal, so the list is its own version."""

    members: tuple[Department, ...]
    _names: dict[str, str] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", {_plain(each.name): each.name for each in self.members})

    def __iter__(self) -> Iterator[Department]:
        return iter(self.members)

    def __contains__(self, name: str) -> bool:
        return any(each.name == name for each in self.members)

    @property
    def names(self) -> list[str]:
        """Return the names in the list's order."""
        return [each.name for each in self.members]

    @cached_property
    def fingerprint(self) -> bytes:
        """Return 16 bytes that are the same for equal lists only."""
        return fingerprint(*(text for each in self.members for text in (each.name, each.description)))

    def find(self, name: object) -> str | None:
        """Return the member meant by `name`, whatever its case and blanks; None where there is none."""
        return self._names.get(_plain(name)) if isinstance(name, str) else None

    def fallback(self) -> str:
        """Return where a ticket waits for a person: General, or the first member where a company has no General.

        A company that closed every department still gets General, since a ticket must lie somewhere to be seen.
        """
        return self.find(GENERAL) or (self.members[0].name if self.members else GENERAL)


def current(known: Iterable[Known]) -> Departments:
    """Return the list to choose from, given all departments heard of, in the order of their ids.

    Their events come one by one; until as many are known as a company begins with, the missing seeded ones are assumed.
    """
    known = list(known)
    members = [Department(each.name, each.description) for each in known if each.is_active]
    if len(known) < len(SEEDED):
        heard_of = {_plain(each.name) for each in known}
        members += [Department(name) for name in SEEDED if _plain(name) not in heard_of]
    return Departments(tuple(members))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
