"""Fields that take what they say and nothing that merely looks like it."""

from typing import Any

from marshmallow import ValidationError, fields, validate
from service_kit.http.email import LONGEST_EMAIL, NOT_VALID, Email, normalized
from service_kit.http.text import not_blank

LONGEST_COMPANY_NAME = 200
LONGEST_TEAM_NAME = 100
LONGEST_DEPARTMENT = 100
LONGEST_PERSON_NAME = 200
LONGEST_DESCRIPTION = 2000
# The address is part of a member's path.
IN_NO_PATH = "/\\"
NAME = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$(?!\n)"


class Flag(fields.Boolean):
    """true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class MemberEmail(Email):
    """An e-mail address, taken in small letters and with its domain in Unicode: it tells members apart."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = member_address(super()._deserialize(value, attr, data, **kwargs))
        if any(each in address for each in IN_NO_PATH):
            raise ValidationError([NOT_VALID, "No / or \\ in it: it is part of a member's address here."])
        if len(address) > LONGEST_EMAIL:  # some letters become two
            raise ValidationError(f"Longer than {LONGEST_EMAIL} characters.")
        return address


def member_address(given: str) -> str:
    """Return an address as members are stored under; one that is not valid as it is, in small letters."""
    try:
        return normalized(given, inside=True).lower()
    except ValidationError:
        return given.lower()


def called(longest: int, **options: Any) -> fields.String:
    """Return a field for what something or somebody is called."""
    fits = validate.Regexp(NAME, error="No control characters in it, no blanks around it.")
    return fields.String(validate=[validate.Length(1, longest), fits, not_blank], **options)


def description(**options: Any) -> fields.String:
    """Return a field for a description."""
    return fields.String(validate=validate.Length(max=LONGEST_DESCRIPTION), **options)
