"""Profiles of companies."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from typing import Any

from company_kit import deletions
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.company import Company, ListedCompany

COLUMNS = (
    "company_id, name, description, auto_categorize, auto_prioritize, auto_assign, revision, created_at, updated_at"
)


def find(session: Session, company_id: int) -> Company | None:
    """Return a company, None where it isn't registered."""
    query = text(f"select {COLUMNS} from company_profiles where company_id = :company")
    return _first(session.execute(query, {"company": company_id}).one_or_none())


def listed(session: Session) -> list[ListedCompany]:
    """Return the companies that a session sees, but for deleted ones, in the order of their ids."""
    query = text(
        "select company_id, name, (select count(*) from users u where u.company_id = c.company_id) as users, created_at"
        " from company_profiles c where not exists (select from deleted_companies d where d.id = c.company_id)"
        " order by company_id"
    )
    return [ListedCompany(**row._mapping) for row in session.execute(query)]


def lock(session: Session, company_id: int) -> Company | None:
    """Lock a company, and with it its teams, against changes until the transaction ends; None without one."""
    query = text(f"select {COLUMNS} from company_profiles where company_id = :company for update")
    return _first(session.execute(query, {"company": company_id}).one_or_none())


def add(session: Session, company_id: int, name: str) -> Company | None:
    """Insert a company and return it; None where it exists, perhaps by a concurrent transaction, or is deleted."""
    values = {"company": company_id, "name": name}
    if deletions.is_marked(session, company_id):
        return None
    # Maintenance jobs read this list; a company registered by a request isn't on it before its first event.
    session.execute(text("insert into companies (id) values (:company) on conflict (id) do nothing"), values)
    query = text(
        "insert into company_profiles (company_id, name) values (:company, :name)"
        f" on conflict (company_id) do nothing returning {COLUMNS}"
    )
    return _first(session.execute(query, values).one_or_none())


def next_number(session: Session) -> int:
    """Return a number that no earlier call returned; a company may have it all the same."""
    return int(session.execute(text("select nextval('company_numbers')")).scalar_one())


def change(session: Session, company: Company) -> Company:
    """Update a locked company, with the next revision."""
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
