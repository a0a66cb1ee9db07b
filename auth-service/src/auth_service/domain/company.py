"""A company and what it lets machines do."""

from dataclasses import dataclass
from datetime import datetime

DEMO_COMPANY = 1


class CompanyNotFound(Exception):
    """There is no such company for this caller."""


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


def first_name(company_id: int) -> str:
    """Return what a company is called until its admin names it."""
    return "Demo company" if company_id == DEMO_COMPANY else f"Company {company_id}"
