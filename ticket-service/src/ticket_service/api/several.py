"""A filter of a query that may be given several times."""

from typing import Any

from marshmallow import ValidationError, fields, validate

MOST_VALUES = 20


class Several(fields.List[Any]):
    """A list of alternatives: an item matches where one of the values does.

    A value that is not valid is named by the filter, not by its place among the values.
    """

    def __init__(self, inner: fields.Field[Any], **options: Any) -> None:
        """`inner` is the field of one value."""
        super().__init__(inner, load_default=(), validate=validate.Length(max=MOST_VALUES), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        try:
            return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))
        except ValidationError as error:
            found = error.messages
            each = found.values() if isinstance(found, dict) else [found]
            raise ValidationError(list(dict.fromkeys(message for messages in each for message in messages))) from error
