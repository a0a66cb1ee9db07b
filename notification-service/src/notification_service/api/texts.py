"""Fields of texts that become mails, checked before they are stored."""

from typing import Any

from marshmallow import ValidationError, fields

from notification_service.domain.texts import fault_of_line, fault_of_text, stored_text


def acceptable(value: str) -> None:
    """Raise ValidationError for a text with control characters other than tabs and line breaks."""
    if fault := fault_of_text(value):
        raise ValidationError(fault)


def acceptable_line(value: str) -> None:
    """Raise ValidationError for a text that can't be a subject or a name."""
    if fault := fault_of_line(value):
        raise ValidationError(fault)


class Text(fields.String):
    """A text of several lines, loaded with line feeds as the only line breaks."""

    def __init__(self, **options: Any) -> None:
        """`options` are those of `fields.String`."""
        super().__init__(**options)
        self.validators.append(acceptable)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return stored_text(str(super()._deserialize(value, attr, data, **kwargs)))
