"""Files of comments as response bodies, with the schemas that document them."""

from typing import Any

from marshmallow import Schema, fields

from ticket_service.domain.attachments import Attachment
from ticket_service.domain.files import Kind


def attachment_view(file: Attachment) -> dict[str, Any]:
    """Format a file."""
    return {
        "id": file.id,
        "ticket_id": file.ticket_id,
        "ticket_uuid": file.ticket_uuid,
        "name": file.name,
        "kind": file.kind,
        "size_bytes": file.size,
        "uploaded_at": file.uploaded_at,
    }


class AttachmentView(Schema):
    """A file of a comment."""

    id = fields.UUID(required=True)
    ticket_id = fields.Integer(required=True)
    ticket_uuid = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(Kind, by_value=fields.String(), required=True)
    size_bytes = fields.Integer(required=True)
    uploaded_at = fields.DateTime(required=True)


class AttachmentItemView(Schema):
    """One file."""

    item = fields.Nested(AttachmentView, required=True)
