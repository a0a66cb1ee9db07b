"""`/api/priority-rules`: the rules by which a company's tickets get their priority."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, digest_tag, read_precondition
from service_kit.http.text import name_field
from service_kit.identity import ADMIN

from ai_service.domain.priority.levels import LEVELS
from ai_service.domain.priority.rules import (
    MAX_DEPARTMENT_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_POSITION,
    MAX_WORD_CHARACTERS,
    MAX_WORDS,
    Rule,
    normalized,
)
from ai_service.store import priority_rules as store
from ai_service.usecases import change_priority_rules

priority_rules = Blueprint(
    "priority-rules", __name__, description="The words that set the priority of a company's tickets."
)


class Flag(fields.Boolean):
    """true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


def validate_word(value: str) -> None:
    """Raise ValidationError for a word that no text can contain."""
    if not normalized(value):
        raise ValidationError("Needs a letter or a digit.")


def validate_distinct(values: list[str]) -> None:
    """Raise ValidationError for words that compare as equal."""
    if len({normalized(value) for value in values}) < len(values):
        raise ValidationError("Words must differ.")


def words_field(**options: Any) -> fields.List[str]:
    """Return a field for the words of a rule; a text with any of them matches."""
    word = fields.String(validate=[validate.Length(1, MAX_WORD_CHARACTERS), validate_word])
    return fields.List(word, validate=[validate.Length(1, MAX_WORDS), validate_distinct], **options)


def position_field(**options: Any) -> fields.Integer:
    """Return a field for a rule's position; rules apply in ascending order."""
    return fields.Integer(strict=True, validate=validate.Range(0, MAX_POSITION), **options)


class NewRule(Schema):
    """A rule to add; without a position it comes last."""

    name = name_field(MAX_NAME_CHARACTERS, required=True)
    words = words_field(required=True)
    department = name_field(MAX_DEPARTMENT_CHARACTERS, load_default=None, allow_none=True)
    priority = fields.String(required=True, validate=validate.OneOf(LEVELS))
    position = position_field(load_default=None, allow_none=True)
    active = Flag(load_default=True)


class RuleChange(Schema):
    """The fields of a rule to change."""

    name = name_field(MAX_NAME_CHARACTERS)
    words = words_field()
    department = name_field(MAX_DEPARTMENT_CHARACTERS, allow_none=True)
    priority = fields.String(validate=validate.OneOf(LEVELS))
    position = position_field()
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
    """A page of a company's rules, in the order in which they apply."""

    items = fields.List(fields.Nested(RuleView), required=True)


@priority_rules.get("/api/priority-rules")
@allowed(ADMIN)
@priority_rules.arguments(PageQuery, location="query")
@priority_rules.response(200, RulePage)
def list_rules(query: dict[str, Any]) -> Response:
    """List the company's rules in the order in which they apply."""
    after: Any = decode_cursor(query["cursor"], (int, int)) or (-1, 0)
    rows = store.page(g.session, g.caller.company_id, after=after, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.position, row.id), "items", [vars(row) for row in rows])
    return json_response(body, headers=headers)


@priority_rules.post("/api/priority-rules")
@allowed(ADMIN)
@priority_rules.arguments(
    NewRule, example={"name": "Production is down", "words": ["outage", "production"], "priority": "urgent"}
)
@priority_rules.response(201, RuleView)
def add_rule(new: dict[str, Any]) -> Response:
    """Add a rule."""
    idempotency_key = read_idempotency_key(_added)
    return _added(change_priority_rules.add_rule(g.session, g.caller.company_id, new, idempotency_key=idempotency_key))


@priority_rules.get("/api/priority-rules/<int:rule_id>")
@allowed(ADMIN)
@priority_rules.response(200, RuleView)
def get_rule(rule_id: int) -> Response:
    """Show one rule."""
    return _answer(change_priority_rules.get_rule(g.session, g.caller.company_id, rule_id))


@priority_rules.put("/api/priority-rules/<int:rule_id>")
@allowed(ADMIN)
@conditional
@priority_rules.arguments(RuleChange, example={"words": ["outage", "production down"], "active": True})
@priority_rules.response(200, RuleView)
def put_rule(change: dict[str, Any], rule_id: int) -> Response:
    """Change the given fields of a rule."""
    return _answer(change_priority_rules.change_rule(g.session, g.caller.company_id, rule_id, change, _precondition()))


@priority_rules.delete("/api/priority-rules/<int:rule_id>")
@allowed(ADMIN)
@conditional
@priority_rules.response(204)
def delete_rule(rule_id: int) -> Response:
    """Delete a rule."""
    change_priority_rules.delete_rule(g.session, g.caller.company_id, rule_id, _precondition())
    return Response(status=204)


def _precondition() -> Precondition[Rule]:
    return read_precondition(lambda rule: digest_tag(vars(rule)))


def _added(rule: Rule) -> Response:
    return _answer(rule, 201, {"Location": f"/api/priority-rules/{rule.id}"})


def _answer(rule: Rule, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    return json_response(vars(rule), status, {"ETag": digest_tag(vars(rule)), **headers})
