"""Strict request fields, without implicit conversions."""

from typing import Any

from marshmallow import ValidationError, fields, validate
from service_kit.http.text import Name, not_blank

from routing_service.store.history import MAX_ID

MAX_NAME_CHARACTERS = 100
MAX_DESCRIPTION_CHARACTERS = 2000


class Flag(fields.Boolean):
    """A boolean: true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Percent(fields.Float):
    """A number from 0 to 100, not a string with one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Range(0, 100), allow_nan=False, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Must be a number from 0 to 100.")
        return float(super()._deserialize(value, attr, data, **kwargs) or 0.0)


def ticket_number() -> fields.Integer:
    """Return a field for a ticket's id."""
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_ID))


def team_number() -> fields.Integer:
    """Return a field for the id of an existing team; null chooses no team, omission keeps the current one."""
    return fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, MAX_ID))


def department_name() -> Name:
    """Return a field for the name of an existing department."""
    return Name(required=True, validate=validate.Length(1, MAX_NAME_CHARACTERS))


def new_name() -> Name:
    """Return a field for a new department's name, which becomes part of URLs.

    A / inside it is sent as %2F. A path can't hold a / at its beginning or end, nor the segments . and ...
    """
    fits = validate.Regexp(
        r"^(?!(.*/)?\.{0,2}(/|$))[^\s/\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s/\x00-\x1f\x7f-\x9f])?$(?!\n)",
        error="No control characters in it, no blanks and no / around it, nothing empty, . or .. before or after a /.",
    )
    return Name(required=True, validate=[validate.Length(1, MAX_NAME_CHARACTERS), fits, not_blank])


def description(**options: Any) -> fields.String:
    """Return a field for a department's description."""
    return fields.String(validate=validate.Length(max=MAX_DESCRIPTION_CHARACTERS), **options)
