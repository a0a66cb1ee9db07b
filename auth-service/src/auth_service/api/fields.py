"""Strict request fields, without implicit conversions."""

from typing import Any

from marshmallow import ValidationError, fields, validate
from service_kit.http.email import MAX_EMAIL_CHARACTERS, NOT_VALID, Email, normalized, split
from service_kit.http.text import not_blank

from auth_service.domain.address import address_key, key_of_no_address

MAX_COMPANY_NAME_CHARACTERS = 200
MAX_TEAM_NAME_CHARACTERS = 100
MAX_DEPARTMENT_CHARACTERS = 100
MAX_PERSON_NAME_CHARACTERS = 200
MAX_USERNAME_CHARACTERS = 150
MAX_DESCRIPTION_CHARACTERS = 2000
# A member's address is part of the path.
FORBIDDEN_IN_PATH = "/\\"
NAME = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$(?!\n)"


class Flag(fields.Boolean):
    """A boolean: true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class MemberEmail(Email):
    """An e-mail address, normalised to lower case and a Unicode domain: it identifies a member."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = member_address(super()._deserialize(value, attr, data, **kwargs))
        if any(character in address for character in FORBIDDEN_IN_PATH):
            raise ValidationError([NOT_VALID, "No / or \\ in it: it is part of a member's address here."])
        if len(address) > MAX_EMAIL_CHARACTERS:  # some letters become two in lower case
            raise ValidationError(f"Longer than {MAX_EMAIL_CHARACTERS} characters.")
        return address


def member_address(given: str) -> str:
    """Return an address as members are stored under it; an invalid one only in lower case."""
    try:
        return normalized(given, inside=True).lower()
    except ValidationError:
        return given.lower()


def is_address(given: str) -> bool:
    """Return whether a text is an e-mail address, of a company's own mail servers too."""
    try:
        split(given, inside=True)
    except ValidationError:
        return False
    return True


def email_key(given: str) -> bytes:
    """Return the digest by which an address is unique; of a text that is no address, one that no user has."""
    try:
        return address_key(*split(given, inside=True))
    except ValidationError:
        return key_of_no_address(given)


def name_field(max_characters: int, **options: Any) -> fields.String:
    """Return a field for a name of up to `max_characters` characters."""
    fits = validate.Regexp(NAME, error="No control characters in it, no blanks around it.")
    return fields.String(validate=[validate.Length(1, max_characters), fits, not_blank], **options)


def description(**options: Any) -> fields.String:
    """Return a field for a description."""
    return fields.String(validate=validate.Length(max=MAX_DESCRIPTION_CHARACTERS), **options)
