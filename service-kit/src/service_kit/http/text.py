"""Validation of text: of required text, where invisible characters alone count as blank, and of names."""

import unicodedata
from typing import Any

from marshmallow import ValidationError, fields, validate

from service_kit.names import hidden_characters, is_hidden

BLANK = "Must not be blank."
NAME = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$(?!\n)"

_BLANK_CATEGORIES = frozenset({"Zs", "Mn", "Me"})
"""Separators, and marks that need a character before them."""


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character."""
    return all(is_hidden(each) or unicodedata.category(each) in _BLANK_CATEGORIES for each in text)


def not_blank(value: str) -> None:
    """Raise ValidationError for a blank text; a marshmallow validator."""
    if is_blank(value):
        raise ValidationError(BLANK)


def nothing_hidden(value: str) -> None:
    """Raise ValidationError for a name that holds hidden characters; a marshmallow validator."""
    if hidden := hidden_characters(value):
        raise ValidationError(f"No control characters and nothing invisible in it: {', '.join(hidden)}.")


class Name(fields.String):
    """A name that people tell from others by sight: loaded in NFC, refused with hidden characters."""

    def __init__(self, **options: Any) -> None:
        """`options` are those of `fields.String`."""
        super().__init__(**options)
        self.validators.append(nothing_hidden)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **kwargs)))


def name_field(max_characters: int, **options: Any) -> Name:
    """Return a field for a name of up to `max_characters` characters without blanks around it."""
    fits = validate.Regexp(NAME, error="No control characters in it, no blanks around it.")
    return Name(validate=[validate.Length(1, max_characters), fits, not_blank], **options)
