"""`/api/ai/settings`: in which order the models read a company's tickets, and what they may cost."""

from decimal import Decimal
from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER

from ai_service.domain.ladder_settings import ORDERS, LadderSettings
from ai_service.store import companies
from ai_service.usecases.change_ladder import change_ladder

MOST_USD = 1_000_000
PLACES = Decimal("0.000001")

ladder = Blueprint("ladder", __name__, description="Who reads the company's tickets first, and what that costs.")


class Number(fields.Float):
    """A number, not a text that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Must be a number.")
        return super()._deserialize(value, attr, data, **kwargs)


class Usd(Number):
    """An amount of money, kept to a millionth of a dollar."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not 0 <= number <= MOST_USD:
            raise ValidationError(f"Must be between 0 and {MOST_USD}.")
        return Decimal(str(number)).quantize(PLACES)


class LadderChange(Schema):
    """What to change; what is left out stays, null takes a wish back."""

    order = fields.String(validate=validate.OneOf(ORDERS))
    local_threshold = Number(allow_none=True, validate=validate.Range(0, 1))
    daily_budget_usd = Usd(allow_none=True, metadata={"minimum": 0, "maximum": MOST_USD})
    monthly_budget_usd = Usd(allow_none=True, metadata={"minimum": 0, "maximum": MOST_USD})


class LadderView(Schema):
    """How the company's ladder is climbed."""

    order = fields.String(required=True, validate=validate.OneOf(ORDERS))
    local_threshold = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "how likely a department must be, where that is more than the model itself asks for"},
    )
    daily_budget_usd = fields.Float(required=True, allow_none=True)
    monthly_budget_usd = fields.Float(required=True, allow_none=True)


@ladder.get("/api/ai/settings")
@allowed(AGENT, MANAGER, ADMIN)
@ladder.response(200, LadderView)
def get_settings() -> Response:
    """Say how the company's ladder is climbed."""
    return _shown(companies.find(g.session, g.caller.company_id).ladder)


@ladder.put("/api/ai/settings")
@allowed(ADMIN)
@ladder.arguments(LadderChange)
@ladder.response(200, LadderView)
def put_settings(change: dict[str, Any]) -> Response:
    """Change what is given of how the company's ladder is climbed."""
    return _shown(change_ladder(g.session, g.caller.company_id, change))


def _shown(settings: LadderSettings) -> Response:
    money = {name: None if value is None else float(value) for name, value in _budgets(settings).items()}
    return answer({"order": settings.order, "local_threshold": settings.local_threshold, **money})


def _budgets(settings: LadderSettings) -> dict[str, Decimal | None]:
    return {"daily_budget_usd": settings.daily_budget_usd, "monthly_budget_usd": settings.monthly_budget_usd}
