"""Schemas of requests about comments."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, Range
from service_kit.http.text import not_blank

from ticket_service.api.schemas import MAX_ID
from ticket_service.domain.comment_text import MAX_TEXT_BYTES, fault_of_comment, stored_text
from ticket_service.domain.comments import Thumb

MAX_MENTIONS = 50
MAX_FILES = 20
MAX_DELAY_SECONDS = 30


def acceptable(text: str) -> None:
    """Raise ValidationError for a text that is too long in bytes or has control characters.

    One with too many characters is refused by its length already.
    """
    fault = None if len(text) > MAX_TEXT_BYTES else fault_of_comment(text)
    if fault is not None:
        raise ValidationError(fault)


def no_repeats(values: list[Any]) -> None:
    """Raise ValidationError where a value is listed twice."""
    if len(set(values)) < len(values):
        raise ValidationError("Lists something twice.")


class CommentText(fields.String):
    """The text of a comment, loaded as it is stored."""

    def __init__(self) -> None:
        super().__init__(
            required=True,
            validate=[Length(1, MAX_TEXT_BYTES), not_blank, acceptable],
            metadata={"description": "1 byte to 64 KiB in UTF-8, not blank; stored in NFC.", "pattern": r"\S"},
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return stored_text(super()._deserialize(value, attr, data, **kwargs))


class SideComment(Schema):
    """A comment that a person adds with another change of the ticket."""

    text = CommentText()
    internal = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "A note that requesters never see."},
    )


class NewComment(Schema):
    """A comment to add to a ticket."""

    text = CommentText()
    parent_id = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=Range(1, MAX_ID),
        metadata={"description": "The comment that this one replies to; null for one on the ticket itself."},
    )
    internal = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "A note that requesters never see. It stays one for ever."},
    )
    mentions = fields.List(
        fields.Integer(strict=True, validate=Range(1, MAX_ID)),
        load_default=(),
        validate=[Length(max=MAX_MENTIONS), no_repeats],
        metadata={"description": "The ids of people who may see the comment."},
    )
    file_ids = fields.List(
        fields.UUID(),
        load_default=(),
        validate=[Length(max=MAX_FILES), no_repeats],
        metadata={"description": "Files that the caller has sent to the ticket and that no comment has yet."},
    )
    delay_seconds = fields.Integer(
        strict=True,
        load_default=0,
        validate=Range(0, MAX_DELAY_SECONDS),
        metadata={"description": "When to send it; until then its author alone sees it, and may take it back."},
    )


class CommentChange(Schema):
    """The new text of a comment."""

    text = CommentText()


class RatingChange(Schema):
    """The caller's rating of a comment."""

    thumb = fields.Enum(
        Thumb,
        by_value=fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "null removes the rating."},
    )
