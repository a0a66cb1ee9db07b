"""Bodies of `/api/tasks/{task_id}/external`, and how a request to a partner is shown."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from service_kit.http.text import not_blank

from workflow_service.api.fields import Flag, name_field, notes
from workflow_service.domain.external import ASSET, BUDGET, KINDS, External

AMOUNT = r"^(?!0(\.0{1,2})?$)(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$(?!\n)"
CURRENCY = r"^[A-Z]{3}$(?!\n)"
MAX_DAYS = 3650
NEEDED = {
    ASSET: ("asset_id", "duration_days", "notes"),
    BUDGET: ("amount", "currency", "category", "justification"),
}

# The request's document can't say which fields a kind needs other than in words.
OF_ASSETS = {"description": "Required with the kind `asset`, refused with the kind `budget`."}
OF_BUDGETS = {"description": "Required with the kind `budget`, refused with the kind `asset`."}


class ExternalData(Schema):
    """The data of a request: of an asset `asset_id`, `duration_days` and `notes`; of a budget the other fields."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    asset_id = name_field(metadata=OF_ASSETS)
    duration_days = fields.Integer(strict=True, validate=validate.Range(1, MAX_DAYS), metadata=OF_ASSETS)
    justification = notes(metadata=OF_BUDGETS)
    notes = notes(metadata=OF_ASSETS)
    amount = fields.String(
        validate=validate.Regexp(AMOUNT, error="A decimal number above 0 as a text, such as 1200.00."),
        metadata={"description": f"{OF_BUDGETS['description']} A decimal number as a text, such as 1200.00."},
    )
    currency = fields.String(
        validate=validate.Regexp(CURRENCY, error="Three capital letters, such as EUR."), metadata=OF_BUDGETS
    )
    category = fields.String(validate=[validate.Length(1, 100), not_blank], metadata=OF_BUDGETS)

    @validates_schema
    def has_the_fields_of_its_kind(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse missing fields of the kind, and fields of the other one."""
        wanted = NEEDED[data["kind"]]
        faults = {name: ["Missing data for required field."] for name in wanted if name not in data}
        for name in data.keys() - {"kind", *wanted}:
            faults[name] = [f"Not a field of the kind {data['kind']!r}."]
        if faults:
            raise ValidationError(faults)


class RetryOrder(Schema):
    """Why the partner is asked again."""

    notes = notes(required=True)


class DecisionOrder(Schema):
    """A person's answer in the partner's place, and the reason."""

    approved = Flag(required=True)
    reason = notes(required=True)


class ExternalView(Schema):
    """A request to a partner."""

    request_id = fields.Integer(required=True)
    kind = fields.String(required=True)
    step = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    request = fields.Dict(required=True, allow_none=True)
    tries = fields.Integer(required=True)
    next_try_at = fields.DateTime(required=True, allow_none=True)
    answer = fields.Dict(required=True, allow_none=True)
    reason = fields.String(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True, allow_none=True)
    overridden_by = fields.String(required=True, allow_none=True)


class TaskExternalView(Schema):
    """A task's request to a partner."""

    task_id = fields.Integer(required=True)
    pending_external_approval = fields.Boolean(required=True)
    external = fields.Nested(ExternalView, required=True)


def external_view(external: External) -> dict[str, Any]:
    """Return a request as answers show it."""
    shown = {name: getattr(external, name) for name in ExternalView().fields if name != "request_id"}
    return {"request_id": external.id, **shown}
