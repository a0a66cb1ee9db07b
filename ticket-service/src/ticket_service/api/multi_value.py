"""A query parameter that may be repeated."""

from typing import Any

from marshmallow import ValidationError, fields, validate

MAX_VALUES = 20


class MultiValue(fields.List[Any]):
    """A list of alternative values.

    A validation error names the parameter, not the position of the invalid value.
    """

    def __init__(self, inner: fields.Field[Any], **options: Any) -> None:
        """`inner` is the field of one value."""
        super().__init__(inner, load_default=(), validate=validate.Length(max=MAX_VALUES), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        try:
            return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))
        except ValidationError as error:
            found = error.messages
            each = found.values() if isinstance(found, dict) else [found]
            raise ValidationError(list(dict.fromkeys(message for messages in each for message in messages))) from error
