"""Schemas and formatting of files."""

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
                        "description": "The expected kind; 400 where the content has another one.",
                    },
                },
            }
        }
    },
}
ANY_KIND = "*/*"
"""The content type of a stored file is that of its kind."""
CONTENT = {"type": "string", "format": "binary"}
DOWNLOAD_HEADERS = {
    # Browsers must never render uploaded content as a page of this origin.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
MAX_IDS = 200
UNQUOTED_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._- ")


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
    """Return the Content-Disposition that makes a browser save a file under its name (RFC 6266)."""
    fallback = "".join(character if character in UNQUOTED_CHARACTERS else "_" for character in name)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"


class FileView(Schema):
    """A file."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(Kind, by_value=fields.String(), required=True)
    sizeBytes = fields.Integer(required=True)  # noqa: N815 - the API's contract has camelCase here
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

    kind = fields.Enum(
        Kind, by_value=fields.String(), load_default=None, metadata={"description": "Files of this kind alone."}
    )


class FileIdsQuery(Schema):
    """The ids to check."""

    ids = fields.List(fields.UUID(), required=True, validate=Length(1, MAX_IDS))


class FileIdsView(Schema):
    """The given ids that exist."""

    ids = fields.List(fields.UUID(), required=True)


class VersionQuery(Schema):
    """The version of a file; the current one by default."""

    version = fields.Integer(load_default=None, validate=Range(min=1))
