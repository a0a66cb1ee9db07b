"""Companies' rules for priorities."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ai_service.domain.priority.rules import Rule

COLUMNS = "id, name, words, department, priority, position, active"


def hold(session: Session, company: int) -> None:
    """Keep everybody else from adding or renaming a rule of the company, in the caller's transaction."""
    query = text("select pg_advisory_xact_lock(hashtext('priority rules:' || current_schema()), :company)")
    session.execute(query, {"company": company})


def page(session: Session, company: int, *, after: tuple[int, int], limit: int) -> list[Rule]:
    """Return up to `limit` rules that are asked after the one of a position and id, by priority_rules_order."""
    query = text(
        f"select {COLUMNS} from priority_rules where company_id = :company and (position, id) > (:position, :id)"
        " order by position, id limit :limit"
    )
    values = {"company": company, "position": after[0], "id": after[1], "limit": limit}
    return [_rule(row) for row in session.execute(query, values)]


def find(session: Session, company: int, rule_id: int) -> Rule | None:
    """Return a company's rule."""
    query = text(f"select {COLUMNS} from priority_rules where company_id = :company and id = :id")
    row = session.execute(query, {"company": company, "id": rule_id}).one_or_none()
    return None if row is None else _rule(row)


def is_taken(session: Session, company: int, name: str, *, besides: int = 0) -> bool:
    """Tell whether a rule other than `besides` has that name, in whatever case."""
    query = text(
        "select exists (select from priority_rules"
        " where company_id = :company and lower(name) = lower(:name) and id <> :besides)"
    )
    return bool(session.execute(query, {"company": company, "name": name, "besides": besides}).scalar_one())


def extent(session: Session, company: int) -> tuple[int, int | None]:
    """Return how many rules a company has, and the position of the last one."""
    query = text("select count(*), max(position) from priority_rules where company_id = :company")
    number, highest = session.execute(query, {"company": company}).one()
    return number, highest


def add(session: Session, company: int, new: Mapping[str, Any]) -> Rule:
    """Store a new rule."""
    query = text(
        "insert into priority_rules (company_id, name, words, department, priority, position, active)"
        f" values (:company, :name, :words, :department, :priority, :position, :active) returning {COLUMNS}"
    )
    return _rule(session.execute(query, {**new, "company": company}).one())


def change(session: Session, company: int, rule: Rule) -> Rule:
    """Store what a rule is now."""
    query = text(
        "update priority_rules set name = :name, words = :words, department = :department, priority = :priority,"
        f" position = :position, active = :active where company_id = :company and id = :id returning {COLUMNS}"
    )
    return _rule(session.execute(query, {**vars(rule), "words": list(rule.words), "company": company}).one())


def remove(session: Session, company: int, rule_id: int) -> bool:
    """Delete a rule; tell whether there was one."""
    query = text("delete from priority_rules where company_id = :company and id = :id returning id")
    return session.execute(query, {"company": company, "id": rule_id}).one_or_none() is not None


def _rule(row: Row[Any]) -> Rule:
    return Rule(**{**row._mapping, "words": tuple(row.words)})
