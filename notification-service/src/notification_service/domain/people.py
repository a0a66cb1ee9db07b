"""People of a company, and how others name them: by number, by address, by role."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

REQUESTER, MANAGER, ADMIN = "requester", "manager", "admin"
_SUBJECT = re.compile(r"(?:person:)?user:([1-9][0-9]{0,17})")


@dataclass(frozen=True)
class Person:
    """An active person of a company."""

    user_id: int
    email: str
    role: str
    email_confirmed: bool = False
    """Whether the person has proved to receive mail at the address."""

    @property
    def is_staff(self) -> bool:
        """Return whether the person sees every ticket of the company, and its internal notes."""
        return self.role != REQUESTER


def number_of(subject: str | None) -> int | None:
    """Return the number of a person whom a token, a ticket or an event names, such as `person:user:7`; else None."""
    found = _SUBJECT.fullmatch(subject or "")
    return int(found[1]) if found else None


@dataclass
class People:
    """Some people of one company."""

    by_id: dict[int, Person] = field(default_factory=dict)

    def add(self, person: Person) -> None:
        """Add a person."""
        self.by_id[person.user_id] = person

    def of(self, user_id: int | None) -> Person | None:
        """Return the person with a number, None without one."""
        return None if user_id is None else self.by_id.get(user_id)

    def with_address(self, address: str | None) -> Person | None:
        """Return the person with an address, ignoring case; None without one."""
        wanted = (address or "").lower()
        return next((each for each in self.by_id.values() if wanted and each.email.lower() == wanted), None)

    def managers(self) -> Iterable[Person]:
        """Return the managers; the admins where there is no manager."""
        found = [each for each in self.by_id.values() if each.role == MANAGER]
        return found or [each for each in self.by_id.values() if each.role == ADMIN]

    def admins(self) -> Iterable[Person]:
        """Return the admins."""
        return [each for each in self.by_id.values() if each.role == ADMIN]
