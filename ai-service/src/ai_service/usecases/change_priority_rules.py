"""Add, change and delete a company's rules for priorities."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ai_service.domain.priority.rules import Rule, RuleExists, RuleNotFound, check_number, next_position
from ai_service.store import priority_rules


def get_rule(session: Session, company_id: int, rule_id: int) -> Rule:
    """Return a rule; raise RuleNotFound."""
    rule = priority_rules.find(session, company_id, rule_id)
    if rule is None:
        raise RuleNotFound(f"there is no rule {rule_id}")
    return rule


def add_rule(
    session: Session, company_id: int, new: Mapping[str, Any], *, idempotency_key: IdempotencyKey[Rule]
) -> Rule:
    """Store a rule; without a position it comes last.

    Raises RuleExists, TooManyRules, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        priority_rules.lock(session, company_id)
        if priority_rules.is_taken(session, company_id, new["name"]):
            raise RuleExists(f"there is a rule {new['name']!r} already")
        number, highest = priority_rules.extent(session, company_id)
        check_number(number)
        position = next_position(highest) if new["position"] is None else new["position"]
        added = priority_rules.add(session, company_id, {**new, "position": position})
        idempotency_key.store(session, added)
    return added


def change_rule(
    session: Session, company_id: int, rule_id: int, change: Mapping[str, Any], precondition: Precondition[Rule]
) -> Rule:
    """Change the given fields; the same values again change nothing.

    Raises RuleNotFound, PreconditionFailed, RuleExists.
    """
    with session.begin():
        before = _lock(session, company_id, rule_id)
        precondition.check(before)
        after = replace(before, **{**change, "words": tuple(change.get("words", before.words))})
        if priority_rules.is_taken(session, company_id, after.name, besides=rule_id):
            raise RuleExists(f"there is a rule {after.name!r} already")
        if after != before:
            after = priority_rules.change(session, company_id, after)
    return after


def delete_rule(session: Session, company_id: int, rule_id: int, precondition: Precondition[Rule]) -> None:
    """Delete a rule; raise RuleNotFound, PreconditionFailed."""
    with session.begin():
        precondition.check(_lock(session, company_id, rule_id))
        priority_rules.remove(session, company_id, rule_id)


def _lock(session: Session, company_id: int, rule_id: int) -> Rule:
    priority_rules.lock(session, company_id)
    return get_rule(session, company_id, rule_id)
