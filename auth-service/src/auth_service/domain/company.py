"""A company and its switches for automation."""

from dataclasses import dataclass
from datetime import datetime

DEMO_COMPANY = 1


class CompanyNotFound(Exception):
    """The caller has no such company."""


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


def default_name(company_id: int) -> str:
    """Return a company's name before its admin changes it."""
    return "Demo company" if company_id == DEMO_COMPANY else f"Company {company_id}"
