"""A company's departments, as this service's replica has them."""

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
class ReplicatedDepartment:
    """A row of the replica; a deleted department is kept as inactive."""

    name: str
    description: str
    is_active: bool


@dataclass(frozen=True)
class Departments:
    """A company's list, the only departments a classification may have. Equal lists compare equal."""

    members: tuple[Department, ...]
    _names: dict[str, str] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", {_normalized(each.name): each.name for each in self.members})

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
        """Return a digest of 16 bytes; equal lists have equal digests."""
        return fingerprint(*(text for each in self.members for text in (each.name, each.description)))

    def find(self, name: object) -> str | None:
        """Return the member called `name`, whatever its case and blanks; None where there is none."""
        return self._names.get(_normalized(name)) if isinstance(name, str) else None

    def fallback(self) -> str:
        """Return the department where tickets wait for a person: General, or the first member without a General.

        A company that closed every department still gets General: a ticket without a department would not be seen.
        """
        return self.find(GENERAL) or (self.members[0].name if self.members else GENERAL)


def current(replicated: Iterable[ReplicatedDepartment]) -> Departments:
    """Return the active departments of the replica, which come in the order of their ids.

    Events arrive one by one: while the replica has fewer departments than every company begins with, the missing seeded
    ones are added.
    """
    replicated = list(replicated)
    members = [Department(each.name, each.description) for each in replicated if each.is_active]
    if len(replicated) < len(SEEDED):
        names = {_normalized(each.name) for each in replicated}
        members += [Department(name) for name in SEEDED if _normalized(name) not in names]
    return Departments(tuple(members))


def _normalized(name: str) -> str:
    return " ".join(name.casefold().split())
