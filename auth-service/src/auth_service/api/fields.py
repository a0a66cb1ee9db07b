"""Fields that take what they say and nothing that merely looks like it."""

from typing import Any

from marshmallow import ValidationError, fields, validate
from service_kit.http.text import not_blank

LONGEST_COMPANY_NAME = 200
LONGEST_TEAM_NAME = 100
LONGEST_DEPARTMENT = 100
LONGEST_PERSON_NAME = 200
LONGEST_DESCRIPTION = 2000
LONGEST_EMAIL = 254
# No / either: the address is part of a member's path.
_NOT_IN_EMAIL = r"\s@/<>(),;:\"\[\]\\\x00-\x1f\x7f-\x9f"
EMAIL = rf"^[^{_NOT_IN_EMAIL}]{{1,64}}@[^{_NOT_IN_EMAIL}.]+(?:\.[^{_NOT_IN_EMAIL}.]+)+$(?!\n)"
NAME = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$(?!\n)"


class Flag(fields.Boolean):
    """true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Email(fields.String):
    """An e-mail address, taken in small letters."""

    def __init__(self, **options: Any) -> None:
        fits = validate.Regexp(EMAIL, error="Not a valid e-mail address.")
        super().__init__(validate=[validate.Length(3, LONGEST_EMAIL), fits], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        # Before it is measured: some letters become two.
        return str(super()._deserialize(value, attr, data, **kwargs)).lower()


def called(longest: int, **options: Any) -> fields.String:
    """Return a field for what something or somebody is called."""
    fits = validate.Regexp(NAME, error="No control characters in it, no blanks around it.")
    return fields.String(validate=[validate.Length(1, longest), fits, not_blank], **options)


def description(**options: Any) -> fields.String:
    """Return a field for a description."""
    return fields.String(validate=validate.Length(max=LONGEST_DESCRIPTION), **options)
