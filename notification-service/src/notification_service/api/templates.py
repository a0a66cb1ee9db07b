"""`/api/notification-templates`: a company's own texts."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.reservation import reads
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, MANAGER

from notification_service.api.by_name import ByName
from notification_service.api.texts import Text, acceptable_line
from notification_service.domain.template import (
    MAX_BODY_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    MAX_VALUES,
    TYPE,
    Template,
)
from notification_service.domain.texts import MAX_SUBJECT_CHARACTERS, fault_of_text, stored_text
from notification_service.store import templates as store
from notification_service.usecases import change_templates

templates = Blueprint("templates", __name__, description="A company's own texts of notifications.")

EXAMPLE = {
    "notification_type": "maintenance",
    "subject": "{{ system }} is down on {{ day }}",
    "body": "{{ system }} is down on {{ day }}{% if reason is defined %}: {{ reason }}{% endif %}.",
}
VALUES = {"system": "Mail", "day": "Friday"}


def notification_type() -> fields.String:
    """Return a field for a type: a kind of events, or a name of the company's own."""
    return fields.String(required=True, validate=[not_blank, validate.Regexp(TYPE)])


class Values(ByName):
    """Texts, numbers, true, false and null by name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)
        if len(found) > MAX_VALUES:
            raise ValidationError(f"At most {MAX_VALUES} values.")
        for name, each in found.items():
            if not name.isidentifier():
                raise ValidationError("Names are letters, digits and _.")
            if not isinstance(each, str | int | float | bool | None):
                raise ValidationError("Values are texts, numbers, true, false or null.")
            if len(str(each)) > MAX_VALUE_CHARACTERS:
                raise ValidationError(f"A value has at most {MAX_VALUE_CHARACTERS} characters.")
        texts = {name: stored_text(each) for name, each in found.items() if isinstance(each, str)}
        if faults := {name: [fault] for name, each in texts.items() if (fault := fault_of_text(each))}:
            raise ValidationError(faults)
        return {**found, **texts}


def values(**options: Any) -> Values:
    """Return a field for the values of a template."""
    return Values(keys=fields.String(validate=validate.Length(1, 50)), **options)


class TemplateBody(Schema):
    """A template: Jinja's output, if and a few filters."""

    notification_type = notification_type()
    subject = fields.String(
        required=True, validate=[validate.Length(1, MAX_SUBJECT_CHARACTERS), not_blank, acceptable_line]
    )
    body = Text(required=True, validate=[validate.Length(1, MAX_BODY_CHARACTERS), not_blank])


class PreviewBody(TemplateBody):
    """A template that isn't stored, with the values to show it with."""

    context_data = values(load_default=dict)


class TextsView(Schema):
    """The texts as a person would read them."""

    subject = fields.String(required=True)
    message = fields.String(required=True)


class TemplateView(Schema):
    """A template."""

    id = fields.Integer(required=True)
    notification_type = fields.String(required=True)
    subject = fields.String(required=True)
    body = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class TemplatePage(PageView):
    """A page of a company's templates, the oldest first."""

    items = fields.List(fields.Nested(TemplateView), required=True)


@templates.get("/api/notification-templates")
@allowed(MANAGER, ADMIN)
@templates.arguments(PageQuery, location="query")
@templates.response(200, TemplatePage)
def list_templates(query: dict[str, Any]) -> Response:
    """List the company's templates, the oldest first."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=limit + 1)
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@templates.post("/api/notification-templates")
@allowed(MANAGER, ADMIN)
@templates.arguments(TemplateBody, example=EXAMPLE)
@templates.response(201, TemplateView)
def add_template(body: dict[str, Any]) -> Response:
    """Add a template for a type that has none."""
    return _added(
        change_templates.add_template(
            g.session,
            g.caller.company_id,
            body,
            renderer=g.deps.renderer,
            idempotency_key=read_idempotency_key(_added),
        )
    )


@templates.post("/api/notification-templates/preview")
@allowed(MANAGER, ADMIN)
@templates.arguments(PreviewBody, example=EXAMPLE | {"context_data": VALUES})
@templates.response(200, TextsView)
@reads
def preview_template(body: dict[str, Any]) -> Response:
    """Show how a template looks with some values; nothing is stored or sent."""
    context = body.pop("context_data")
    change_templates.check(g.deps.renderer, body)
    words = change_templates.render_given(g.deps.renderer, body["subject"], body["body"], context)
    return json_response({"subject": words.subject, "message": words.message})


@templates.get("/api/notification-templates/<int:template_id>")
@allowed(MANAGER, ADMIN)
@templates.response(200, TemplateView)
def get_template(template_id: int) -> Response:
    """Show a template."""
    return _answer(change_templates.get_template(g.session, g.caller.company_id, template_id))


@templates.put("/api/notification-templates/<int:template_id>")
@allowed(MANAGER, ADMIN)
@conditional
@templates.arguments(TemplateBody, example=EXAMPLE)
@templates.response(200, TemplateView)
def put_template(body: dict[str, Any], template_id: int) -> Response:
    """Store a template's next version; mails that are sent before keep theirs."""
    changed = change_templates.change_template(
        g.session,
        g.caller.company_id,
        template_id,
        body,
        renderer=g.deps.renderer,
        precondition=_precondition(),
    )
    return _answer(changed)


@templates.delete("/api/notification-templates/<int:template_id>")
@allowed(MANAGER, ADMIN)
@conditional
@templates.response(204)
def delete_template(template_id: int) -> Response:
    """Delete a template; the standard texts serve again."""
    change_templates.delete_template(g.session, g.caller.company_id, template_id, precondition=_precondition())
    return Response(status=204)


def _precondition() -> Precondition[Template]:
    return read_precondition(lambda template: etag(template.version))


def _added(template: Template) -> Response:
    return _answer(template, 201)


def _answer(template: Template, status: int = 200) -> Response:
    return json_response(_view(template), status, {"ETag": etag(template.version)})


def _view(template: Template) -> dict[str, Any]:
    return {name: value for name, value in vars(template).items() if name != "company_id"}
