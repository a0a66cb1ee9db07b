"""Fields of request bodies that several schemas have."""

from typing import Any

from marshmallow import ValidationError, fields


class Condition(fields.Boolean):
    """A filter that is true or false: the words of a query, or the values of a JSON body."""

    truthy = frozenset({"true", "True", "1", True})  # type: ignore[assignment]
    falsy = frozenset({"false", "False", "0", False})  # type: ignore[assignment]


class AsSent(fields.Nested):
    """An object that is stored; loads it as it was sent, once it is valid."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **options: Any) -> Any:
        super()._deserialize(value, attr, data, partial, **options)
        return value


class TextOrObject(fields.Nested):
    """An object of which a text alone may be sent, as its `text`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **options: Any) -> Any:
        if not isinstance(value, str):
            return super()._deserialize(value, attr, data, partial, **options)
        try:
            return super()._deserialize({"text": value}, attr, data, partial, **options)
        except ValidationError as error:
            raise ValidationError(error.normalized_messages()["text"]) from error


class Flag(fields.Boolean):
    """true or false, not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value
