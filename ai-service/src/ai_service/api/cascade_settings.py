"""`/api/ai/settings`: the order of a company's classifiers, the local threshold and the budgets."""

from decimal import Decimal
from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, digest_tag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER

from ai_service.domain.cascade_settings import ORDERS, CascadeSettings
from ai_service.store import companies
from ai_service.usecases.change_cascade_settings import change_cascade_settings

MAX_USD = 1_000_000
PLACES = Decimal("0.000001")

cascade_settings = Blueprint(
    "cascade-settings", __name__, description="The order of the company's classifiers, and their budgets."
)


class Number(fields.Float):
    """A JSON number; a text with digits is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Must be a number.")
        return super()._deserialize(value, attr, data, **kwargs)


class Usd(Number):
    """An amount of money, rounded to a millionth of a dollar."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not 0 <= number <= MAX_USD:
            raise ValidationError(f"Must be between 0 and {MAX_USD}.")
        return Decimal(str(number)).quantize(PLACES)


class CascadeSettingsChange(Schema):
    """The settings to change; null resets a setting to its default."""

    order = fields.String(validate=validate.OneOf(ORDERS))
    local_threshold = Number(allow_none=True, validate=validate.Range(0, 1))
    daily_budget_usd = Usd(allow_none=True, metadata={"minimum": 0, "maximum": MAX_USD})
    monthly_budget_usd = Usd(allow_none=True, metadata={"minimum": 0, "maximum": MAX_USD})


class CascadeSettingsView(Schema):
    """The settings of the company's classifier cascade."""

    order = fields.String(required=True, validate=validate.OneOf(ORDERS))
    local_threshold = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "the minimum probability of a department, where it is higher than the model's own threshold"
        },
    )
    daily_budget_usd = fields.Float(required=True, allow_none=True)
    monthly_budget_usd = fields.Float(required=True, allow_none=True)


@cascade_settings.get("/api/ai/settings")
@allowed(AGENT, MANAGER, ADMIN)
@cascade_settings.response(200, CascadeSettingsView)
def get_settings() -> Response:
    """Show the settings of the company's classifier cascade."""
    return _answer(companies.find(g.session, g.caller.company_id).cascade)


@cascade_settings.put("/api/ai/settings")
@allowed(ADMIN)
@conditional
@cascade_settings.arguments(
    CascadeSettingsChange, example={"order": "local_first", "local_threshold": 0.9, "daily_budget_usd": 2.5}
)
@cascade_settings.response(200, CascadeSettingsView)
def put_settings(change: dict[str, Any]) -> Response:
    """Change the given settings of the company's classifier cascade."""
    precondition: Precondition[CascadeSettings] = read_precondition(lambda settings: digest_tag(_view(settings)))
    return _answer(change_cascade_settings(g.session, g.caller.company_id, change, precondition))


def _answer(settings: CascadeSettings) -> Response:
    view = _view(settings)
    return json_response(view, headers={"ETag": digest_tag(view)})


def _view(settings: CascadeSettings) -> dict[str, Any]:
    money = {name: None if value is None else float(value) for name, value in _budgets(settings).items()}
    return {"order": settings.order, "local_threshold": settings.local_threshold, **money}


def _budgets(settings: CascadeSettings) -> dict[str, Decimal | None]:
    return {"daily_budget_usd": settings.daily_budget_usd, "monthly_budget_usd": settings.monthly_budget_usd}
