"""`/api/priority-rules`: the rules by which a company's tickets get their priority."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.idempotency import once
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN

from ai_service.domain.priority.levels import LEVELS
from ai_service.domain.priority.rules import (
    LAST_POSITION,
    LONGEST_DEPARTMENT,
    LONGEST_NAME,
    LONGEST_WORD,
    MAX_WORDS,
    Rule,
    plain,
)
from ai_service.store import priority_rules as store
from ai_service.usecases import change_priority_rules

CALLED = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$(?!\n)"

priority_rules = Blueprint("priority-rules", __name__, description="By which words a company's tickets are urgent.")


class Flag(fields.Boolean):
    """true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


def called(longest: int, **options: Any) -> fields.String:
    """Return a field for what something is called."""
    fits = validate.Regexp(CALLED, error="No control characters in it, no blanks around it.")
    return fields.String(validate=[validate.Length(1, longest), fits, not_blank], **options)


def is_word(value: str) -> None:
    """Refuse what no text could be found to say."""
    if not plain(value):
        raise ValidationError("Needs a letter or a digit.")


def differ(values: list[str]) -> None:
    """Refuse words that are compared as the same."""
    if len({plain(value) for value in values}) < len(values):
        raise ValidationError("Words must differ.")


def words(**options: Any) -> fields.List:
    """Return a field for the words of a rule, any of which makes it fit."""
    word = fields.String(validate=[validate.Length(1, LONGEST_WORD), is_word])
    return fields.List(word, validate=[validate.Length(1, MAX_WORDS), differ], **options)


def position(**options: Any) -> fields.Integer:
    """Return a field for a rule's place: the lowest is asked first."""
    return fields.Integer(strict=True, validate=validate.Range(0, LAST_POSITION), **options)


class NewRule(Schema):
    """A rule to add; without a position it comes last."""

    name = called(LONGEST_NAME, required=True)
    words = words(required=True)
    department = called(LONGEST_DEPARTMENT, load_default=None, allow_none=True)
    priority = fields.String(required=True, validate=validate.OneOf(LEVELS))
    position = position(load_default=None, allow_none=True)
    active = Flag(load_default=True)


class RuleChange(Schema):
    """What to change about a rule; what is left out stays."""

    name = called(LONGEST_NAME)
    words = words()
    department = called(LONGEST_DEPARTMENT, allow_none=True)
    priority = fields.String(validate=validate.OneOf(LEVELS))
    position = position()
    active = Flag()


class RuleView(Schema):
    """A rule."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    words = fields.List(fields.String(), required=True)
    department = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True, validate=validate.OneOf(LEVELS))
    position = fields.Integer(required=True)
    active = fields.Boolean(required=True)


class RulePage(PageView):
    """A page of a company's rules, in the order in which they are asked."""

    items = fields.List(fields.Nested(RuleView), required=True)


@priority_rules.get("/api/priority-rules")
@allowed(ADMIN)
@priority_rules.arguments(PageQuery, location="query")
@priority_rules.response(200, RulePage)
def list_rules(query: dict[str, Any]) -> Response:
    """List the company's rules in the order in which they are asked."""
    after: Any = decode_cursor(query["cursor"], (int, int)) or (-1, 0)
    rows = store.page(g.session, g.caller.company_id, after=after, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.position, row.id), "items", [vars(row) for row in rows])
    return answer(body, headers=headers)


@priority_rules.post("/api/priority-rules")
@allowed(ADMIN)
@priority_rules.arguments(NewRule)
@priority_rules.response(201, RuleView)
def add_rule(new: dict[str, Any]) -> Response:
    """Add a rule."""
    again = once(_added)
    return _added(change_priority_rules.add_rule(g.session, g.caller.company_id, new, again=again))


@priority_rules.put("/api/priority-rules/<int:rule_id>")
@allowed(ADMIN)
@priority_rules.arguments(RuleChange)
@priority_rules.response(200, RuleView)
def put_rule(change: dict[str, Any], rule_id: int) -> Response:
    """Change what is given of a rule."""
    return answer(vars(change_priority_rules.change_rule(g.session, g.caller.company_id, rule_id, change)))


@priority_rules.delete("/api/priority-rules/<int:rule_id>")
@allowed(ADMIN)
@priority_rules.response(204)
def delete_rule(rule_id: int) -> Response:
    """Delete a rule."""
    change_priority_rules.delete_rule(g.session, g.caller.company_id, rule_id)
    return Response(status=204)


def _added(rule: Rule) -> Response:
    return answer(vars(rule), 201)
