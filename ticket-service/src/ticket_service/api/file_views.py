"""What is shown of files, and how one is sent."""

from typing import Any
from urllib.parse import quote

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range
from service_kit.http.pages import PageQuery

from ticket_service.domain.files import Kind, StoredFile

FILE_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "pdf, docx, xlsx, xls, csv, txt, md or html; at most 25 MiB",
                    },
                    "kind": {
                        "type": "string",
                        "enum": list(Kind),
                        "description": "What it is said to be; 400 where the content is something else.",
                    },
                },
            }
        }
    },
}
CONTENT = {"type": "string", "format": "binary"}
DOWNLOAD_HEADERS = {
    # What strangers wrote is never shown as a page of ours.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
MOST_IDS = 200
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._- ")


def file_view(file: StoredFile) -> dict[str, Any]:
    """Format a file."""
    return {
        "id": file.id,
        "name": file.name,
        "kind": file.kind,
        "sizeBytes": file.size,
        "companyId": file.company_id,
        "uploadedAt": file.uploaded_at,
        "version": file.version,
    }


def disposition(name: str) -> str:
    """Write the header that makes a browser save a file under its name, whatever is in it (RFC 6266)."""
    fallback = "".join(character if character in PLAIN else "_" for character in name)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"


class FileView(Schema):
    """A file."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(Kind, by_value=fields.String(), required=True)
    sizeBytes = fields.Integer(required=True)  # noqa: N815 - the product's contract says it so
    companyId = fields.Integer(required=True)  # noqa: N815
    uploadedAt = fields.DateTime(required=True)  # noqa: N815
    version = fields.Integer(required=True, metadata={"description": "Grows with each upload of the same name."})


class FileItemView(Schema):
    """One file."""

    item = fields.Nested(FileView, required=True)


class FilesView(Schema):
    """A page of files."""

    count = fields.Integer(required=True, metadata={"description": "The rows on this page."})
    items = fields.List(fields.Nested(FileView), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "The next page's cursor."})


class FilesQuery(PageQuery):
    """A page of files, filtered."""

    kind = fields.Enum(Kind, by_value=fields.String(), load_default=None)


class FileIdsQuery(Schema):
    """Which files are asked about."""

    ids = fields.List(fields.UUID(), required=True, validate=Length(1, MOST_IDS))


class FileIdsView(Schema):
    """Those of the files asked about that are there."""

    ids = fields.List(fields.UUID(), required=True)


class VersionQuery(Schema):
    """Which version of a file is meant."""

    version = fields.Integer(load_default=None, validate=Range(min=1))
