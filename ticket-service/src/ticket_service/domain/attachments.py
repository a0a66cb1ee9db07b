"""Files that people attach to comments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ticket_service.domain.files import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A stored file of a ticket; `comment_id` is None until a comment has it."""

    id: UUID
    company_id: int
    ticket_id: int
    ticket_uuid: UUID
    comment_id: int | None
    name: str
    kind: Kind
    content_type: str
    size: int
    sha256: str
    storage_key: UUID
    uploaded_by: str
    uploaded_at: datetime
