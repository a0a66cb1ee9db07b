"""Add, change and delete a company's rules for priorities."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ai_service.domain.priority.rules import Rule, RuleExists, RuleNotFound, check_number, next_position
from ai_service.store import priority_rules


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


def change_rule(session: Session, company_id: int, rule_id: int, change: Mapping[str, Any]) -> Rule:
    """Change the given fields; the same values again change nothing. Raises RuleNotFound, RuleExists."""
    with session.begin():
        priority_rules.lock(session, company_id)
        before = priority_rules.find(session, company_id, rule_id)
        if before is None:
            raise _not_found(rule_id)
        after = replace(before, **{**change, "words": tuple(change.get("words", before.words))})
        if priority_rules.is_taken(session, company_id, after.name, besides=rule_id):
            raise RuleExists(f"there is a rule {after.name!r} already")
        if after != before:
            after = priority_rules.change(session, company_id, after)
    return after


def delete_rule(session: Session, company_id: int, rule_id: int) -> None:
    """Delete a rule; raise RuleNotFound."""
    with session.begin():
        if not priority_rules.remove(session, company_id, rule_id):
            raise _not_found(rule_id)


def _not_found(rule_id: int) -> RuleNotFound:
    return RuleNotFound(f"there is no rule {rule_id}")
