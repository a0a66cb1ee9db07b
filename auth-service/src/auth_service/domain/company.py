"""A company and its switches for automation."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

DEMO_COMPANY = 1


class CompanyNotFound(Exception):
    """The caller has no such company."""


class WrongName(Exception):
    """The name that confirms a deletion isn't the company's."""

    def __init__(self) -> None:
        super().__init__("The deletion must be confirmed by the company's name, letter by letter.")
        self.errors = [{"field": "confirm", "message": "Not the company's name."}]


class OperatorCompany(Exception):
    """The operator's company can't be deleted."""

    def __init__(self) -> None:
        super().__init__("The operator's company holds what belongs to nobody else; it can't be deleted.")


@dataclass(frozen=True)
class Company:
    """A company as it is now."""

    company_id: int
    name: str
    description: str
    auto_categorize: bool
    auto_prioritize: bool
    auto_assign: bool
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class ListedCompany:
    """A company as the operator sees it."""

    company_id: int
    name: str
    users: int
    created_at: datetime


def named(given: str, companies: Iterable[ListedCompany]) -> list[ListedCompany]:
    """Return the companies that a text names: digits are an id, other texts a name, which several may have."""
    if given.isascii() and given.isdigit():
        return [each for each in companies if str(each.company_id) == given]
    return [each for each in companies if each.name == given]


def look_alikes(
    companies: Iterable[ListedCompany], looks_of: Callable[[str], Collection[str]]
) -> Mapping[int, list[int]]:
    """Return the ids of the other companies that share a look of the name with a company, by its id; [] without any."""
    by_look: dict[str, set[int]] = defaultdict(set)
    looks = {each.company_id: looks_of(each.name) for each in companies}
    for company_id, each in looks.items():
        for look in each:
            by_look[look].add(company_id)
    return {
        company_id: sorted(set().union(*(by_look[look] for look in each)) - {company_id})
        for company_id, each in looks.items()
    }


def default_name(company_id: int) -> str:
    """Return a company's name before its admin changes it."""
    return "Demo company" if company_id == DEMO_COMPANY else f"Company {company_id}"
