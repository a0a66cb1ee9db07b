"""Profiles of companies."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.company import Company

COLUMNS = (
    "company_id, name, description, auto_categorize, auto_prioritize, auto_assign, revision, created_at, updated_at"
)


def find(session: Session, company: int) -> Company | None:
    """Return a company, None where it was never met."""
    query = text(f"select {COLUMNS} from company_profiles where company_id = :company")
    return _first(session.execute(query, {"company": company}).one_or_none())


def lock(session: Session, company: int) -> Company | None:
    """Return a company and hold it: nobody changes it or its teams until the transaction ends."""
    query = text(f"select {COLUMNS} from company_profiles where company_id = :company for update")
    return _first(session.execute(query, {"company": company}).one_or_none())


def add(session: Session, company: int, name: str) -> Company | None:
    """Enter a company; None where it is entered already, perhaps by somebody who was quicker."""
    values = {"company": company, "name": name}
    # Sweeps find companies there; one met by a request has had no event that would have entered it.
    session.execute(text("insert into companies (id) values (:company) on conflict (id) do nothing"), values)
    query = text(
        "insert into company_profiles (company_id, name) values (:company, :name)"
        f" on conflict (company_id) do nothing returning {COLUMNS}"
    )
    return _first(session.execute(query, values).one_or_none())


def change(session: Session, company: Company) -> Company:
    """Store what a locked company is now, under its next revision."""
    query = text(
        "update company_profiles set name = :name, description = :description, auto_categorize = :auto_categorize,"
        " auto_prioritize = :auto_prioritize, auto_assign = :auto_assign, revision = revision + 1,"
        f" updated_at = clock_timestamp() where company_id = :company_id returning {COLUMNS}"
    )
    return _company(session.execute(query, vars(company)).one())


def _first(row: Row[Any] | None) -> Company | None:
    return None if row is None else _company(row)


def _company(row: Row[Any]) -> Company:
    return Company(**row._mapping)
