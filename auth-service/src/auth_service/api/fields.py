"""Strict request fields, without implicit conversions."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate
from service_kit.http.email import MAX_EMAIL_CHARACTERS, NOT_VALID, Email, validated
from service_kit.http.text import name_field, not_blank

from auth_service.adapters.new_passwords import checked
from auth_service.api.addresses import split
from auth_service.domain.address import address_key, key_of_no_address
from auth_service.domain.name import MAX_CHARACTERS, BadName, accepted_name
from auth_service.domain.password import BadPassword
from auth_service.domain.team import MAX_SKILL_CHARACTERS, MAX_SKILLS
from auth_service.domain.user import is_machine_domain

MAX_COMPANY_NAME_CHARACTERS = 200
MAX_TEAM_NAME_CHARACTERS = 100
MAX_DEPARTMENT_CHARACTERS = 100
MAX_PERSON_NAME_CHARACTERS = 200
MAX_DESCRIPTION_CHARACTERS = 2000
# A member's address is part of the path.
FORBIDDEN_IN_PATH = "/\\"


class Flag(fields.Boolean):
    """A boolean: true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Username(fields.String):
    """A person's name as people see it: normalised, with nothing invisible in it."""

    def __init__(self, **options: Any) -> None:
        """`options` are those of `fields.String`."""
        super().__init__(metadata={"minLength": 1, "maxLength": MAX_CHARACTERS}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        given = str(super()._deserialize(value, attr, data, **kwargs))
        not_blank(given)
        try:
            return accepted_name(given)
        except BadName as error:
            raise ValidationError(str(error)) from error


class NewPassword(fields.String):
    """A new password of at least 12 characters, none of those that are tried first."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        password = str(super()._deserialize(value, attr, data, **kwargs))
        try:
            checked(password)
        except BadPassword as error:
            raise ValidationError(str(error)) from error
        return password


def personal_texts(data: Mapping[str, Any]) -> list[str]:
    """Return the texts of a request that a password must not be made of."""
    return [data[name] for name in ("email", "username", "company") if isinstance(data.get(name), str)]


def refuse_personal_password(data: Mapping[str, Any]) -> None:
    """Raise ValidationError where the password is made of the address or of a name in the same request."""
    if isinstance(data.get("password"), str):
        try:
            checked(data["password"], personal=personal_texts(data))
        except BadPassword as error:
            raise ValidationError(str(error), "password") from error


class PersonEmail(Email):
    """An e-mail address of a person: not one that is reserved for the programs of this system."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = super()._deserialize(value, attr, data, **kwargs)
        if is_reserved(address):
            raise ValidationError("Reserved for the programs of this system.")
        return address


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
        return validated(given, inside=True).normalized.lower()
    except ValidationError:
        return given.lower()


def is_address(given: str) -> bool:
    """Return whether a text is an e-mail address, of a company's own mail servers too."""
    try:
        split(given)
    except ValidationError:
        return False
    return True


def is_reserved(address: str) -> bool:
    """Return whether an address, however its domain is spelled, is reserved for the programs of this system."""
    return is_machine_domain(split(address)[1])


def email_key(given: str) -> bytes:
    """Return the digest by which an address is unique; of a text that is no address, one that no user has."""
    try:
        return address_key(*split(given))
    except ValidationError:
        return key_of_no_address(given)


def skills(**options: Any) -> fields.List:
    """Return a field for the skills of a person, each once without regard to case; it loads a tuple."""
    return Skills(
        name_field(MAX_SKILL_CHARACTERS),
        validate=validate.Length(max=MAX_SKILLS),
        metadata={"description": "Such as French; each once, in any case."},
        **options,
    )


class Skills(fields.List):
    """Texts of which each is there once, without regard to case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        given = tuple(super()._deserialize(value, attr, data, **kwargs) or ())
        if len({skill.casefold() for skill in given}) < len(given):
            raise ValidationError("A skill is named twice.")
        return given


def description(**options: Any) -> fields.String:
    """Return a field for a description."""
    return fields.String(validate=validate.Length(max=MAX_DESCRIPTION_CHARACTERS), **options)
