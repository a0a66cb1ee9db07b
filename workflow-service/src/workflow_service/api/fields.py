"""Strict request fields, without implicit conversions."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate
from service_kit.http.text import Name, not_blank

MAX_ID = 2**63 - 1
MAX_NAME_CHARACTERS = 100
MAX_DESCRIPTION_CHARACTERS = 2000
MAX_NOTES_CHARACTERS = 2000
MAX_DURATION_CHARACTERS = 40
MAX_ORDER = 1_000_000
MAX_CAPACITY = 10_000
MAX_SKILL_CHARACTERS = 50


class Flag(fields.Boolean):
    """A boolean: true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Number(fields.Float):
    """A number, not a string with one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_nan=False, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Must be a number.")
        return float(super()._deserialize(value, attr, data, **kwargs) or 0.0)


def name_field(**options: Any) -> Name:
    """Return a field for a name."""
    return Name(validate=[validate.Length(1, MAX_NAME_CHARACTERS), not_blank], **options)


def skill() -> Name:
    """Return a field for a skill."""
    return Name(validate=[validate.Length(1, MAX_SKILL_CHARACTERS), not_blank])


def description(**options: Any) -> fields.String:
    """Return a field for a description."""
    return fields.String(validate=validate.Length(max=MAX_DESCRIPTION_CHARACTERS), **options)


def notes(**options: Any) -> fields.String:
    """Return a field for what a person notes about a change."""
    return fields.String(validate=[validate.Length(1, MAX_NOTES_CHARACTERS), not_blank], **options)


def override() -> Flag:
    """Return a field by which a manager moves a task on without a partner's approval."""
    metadata = {"description": "Move on without a partner's approval, as a manager or an admin may."}
    return Flag(load_default=False, metadata=metadata)


def number(**options: Any) -> fields.Integer:
    """Return a field for an id."""
    return fields.Integer(strict=True, validate=validate.Range(1, MAX_ID), **options)


def duration(*, required: bool = True, **options: Any) -> fields.String:
    """Return a field for a duration of business time, such as PT8H."""
    metadata = {"description": "Business time in hours, minutes and seconds (ISO 8601), such as PT8H."}
    checks: list[Callable[[str], object]] = [validate.Length(1, MAX_DURATION_CHARACTERS), not_blank]
    return fields.String(required=required, validate=checks, metadata=metadata, **options)
