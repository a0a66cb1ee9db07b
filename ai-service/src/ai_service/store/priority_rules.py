"""Companies' rules for priorities."""

# ruff: noqa: S608 - the queries are built from the column names in this file only.

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ai_service.domain.priority.rules import Rule

COLUMNS = "id, name, words, department, priority, position, active"


def lock(session: Session, company_id: int) -> None:
    """Lock the company's rules against additions and changes until the transaction ends."""
    query = text("select pg_advisory_xact_lock(hashtext('priority rules:' || current_schema()), :company)")
    session.execute(query, {"company": company_id})


def page(session: Session, company_id: int, *, after: tuple[int, int], limit: int) -> list[Rule]:
    """Return up to `limit` rules after a position and id, in order. Index: priority_rules_order."""
    query = text(
        f"select {COLUMNS} from priority_rules where company_id = :company and (position, id) > (:position, :id)"
        " order by position, id limit :limit"
    )
    values = {"company": company_id, "position": after[0], "id": after[1], "limit": limit}
    return [_rule(row) for row in session.execute(query, values)]


def find(session: Session, company_id: int, rule_id: int) -> Rule | None:
    """Return a company's rule."""
    query = text(f"select {COLUMNS} from priority_rules where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": rule_id}).one_or_none()
    return None if row is None else _rule(row)


def is_taken(session: Session, company_id: int, name: str, *, besides: int = 0) -> bool:
    """Return whether a rule other than `besides` has that name; case is ignored."""
    query = text(
        "select exists (select from priority_rules"
        " where company_id = :company and lower(name) = lower(:name) and id <> :besides)"
    )
    return bool(session.execute(query, {"company": company_id, "name": name, "besides": besides}).scalar_one())


def extent(session: Session, company_id: int) -> tuple[int, int | None]:
    """Return the number of a company's rules, and the position of the last one."""
    query = text("select count(*), max(position) from priority_rules where company_id = :company")
    number, highest = session.execute(query, {"company": company_id}).one()
    return number, highest


def add(session: Session, company_id: int, new: Mapping[str, Any]) -> Rule:
    """Store a new rule."""
    query = text(
        "insert into priority_rules (company_id, name, words, department, priority, position, active)"
        f" values (:company, :name, :words, :department, :priority, :position, :active) returning {COLUMNS}"
    )
    return _rule(session.execute(query, {**new, "company": company_id}).one())


def change(session: Session, company_id: int, rule: Rule) -> Rule:
    """Store a changed rule."""
    query = text(
        "update priority_rules set name = :name, words = :words, department = :department, priority = :priority,"
        f" position = :position, active = :active where company_id = :company and id = :id returning {COLUMNS}"
    )
    return _rule(session.execute(query, {**vars(rule), "words": list(rule.words), "company": company_id}).one())


def remove(session: Session, company_id: int, rule_id: int) -> bool:
    """Delete a rule; return whether there was one."""
    query = text("delete from priority_rules where company_id = :company and id = :id returning id")
    return session.execute(query, {"company": company_id, "id": rule_id}).one_or_none() is not None


def _rule(row: Row[Any]) -> Rule:
    return Rule(**{**row._mapping, "words": tuple(row.words)})
