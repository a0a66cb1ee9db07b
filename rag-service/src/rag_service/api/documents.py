"""`/api/documents`: the company's documents, their progress, and why one failed."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, SERVICE

from rag_service.dependencies import Dependencies
from rag_service.domain.document import Document, DocumentState
from rag_service.domain.errors import DocumentNotFound
from rag_service.store import documents as store
from rag_service.usecases.retrieve import FILE

documents = Blueprint("documents", __name__, description="What the company's knowledge is made of.")


class DocumentQuery(PageQuery):
    """Which documents to list."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf([state.value for state in DocumentState]),
        metadata={"description": "Documents in this state alone."},
    )


class LeftOutView(Schema):
    """Something of a document that was not read."""

    code = fields.String(required=True)
    count = fields.Integer(required=True)
    reason = fields.String(required=True, metadata={"description": "what it is, where, and what to do about it"})


class ReadView(Schema):
    """Counts of the parts of a document that were read."""

    pages = fields.Integer(metadata={"description": "where the kind of file has pages"})
    sheets = fields.Integer(metadata={"description": "of a workbook"})
    passages = fields.Integer(required=True)
    rows = fields.Integer(required=True, metadata={"description": "rows of tables"})
    questions = fields.Integer(required=True, metadata={"description": "questions with their answers"})
    characters = fields.Integer(required=True)
    languages = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "the share of each language among the passages"},
    )
    saved = fields.String(metadata={"description": "the day on which the file says that it was last saved"})


class ReportView(Schema):
    """A document's parts that were read, and those that were left out."""

    read = fields.Nested(ReadView, required=True)
    left_out = fields.List(fields.Nested(LeftOutView), required=True)


class DocumentView(Schema):
    """A document."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    source_type = fields.String(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "the latest version that was read or can't be read"}
    )
    searchable_version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "the version that answers; below `version` while that one can't be read"},
    )
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in DocumentState]))
    progress = fields.Float(
        required=True, allow_none=True, metadata={"description": "0 to 1 once ready; null while unknown"}
    )
    chunks = fields.Integer(required=True)
    chunks_processed = fields.Integer(required=True)
    pages = fields.Integer(required=True, allow_none=True)
    reason_code = fields.String(required=True, allow_none=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "why it (or its newest version) can't be read, or what it waits for"},
    )
    report = fields.Nested(
        ReportView,
        required=True,
        allow_none=True,
        metadata={"description": "what was read of the searchable version; null without one"},
    )
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class DocumentPage(Schema):
    """A page of documents."""

    count = fields.Integer(required=True)
    items = fields.List(fields.Nested(DocumentView), required=True)
    next = fields.String(required=True, allow_none=True)


@documents.get("/api/documents")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@documents.arguments(DocumentQuery, location="query")
@documents.response(200, DocumentPage)
def list_documents(query: dict[str, Any]) -> Response:
    """List the company's documents, newest first."""
    after: Any = decode_cursor(query["cursor"], (datetime.datetime, uuid.UUID))
    company_id = g.caller.company_id
    rows = store.page(g.session, company_id, state=query["state"], after=after, limit=query["limit"] + 1)
    g.session.rollback()  # gives the connection back while ticket-service is asked
    kept = _present(company_id, rows[: query["limit"]])
    body, headers = page(
        rows, query["limit"], lambda row: (row.created_at, row.id), "items", [_view(row) for row in kept]
    )
    return json_response(body, headers=headers)


@documents.get("/api/documents/<uuid:document_id>")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@documents.response(200, DocumentView)
def get_document(document_id: uuid.UUID) -> Response:
    """Show one document."""
    found = store.find(g.session, g.caller.company_id, document_id)
    g.session.rollback()  # gives the connection back while ticket-service is asked
    if found is None or not _present(g.caller.company_id, [found]):
        raise DocumentNotFound(f"there is no document {document_id}; GET /api/documents lists them")
    return json_response(_view(found))


def _present(company_id: int, rows: Sequence[Document]) -> list[Document]:
    """Leave out documents whose file was deleted a moment ago."""
    files = {row.id for row in rows if row.origin == FILE}
    deps: Dependencies = g.deps
    present = deps.present(company_id, files) if files else set()
    return [row for row in rows if row.origin != FILE or row.id in present]


def _view(document: Document) -> dict[str, Any]:
    hidden = ("company_id", "origin", "revision", "chunks_read")
    shown = {name: value for name, value in vars(document).items() if name not in hidden}
    progress = 1.0 if document.state in (DocumentState.READY, DocumentState.FAILED) else None
    return shown | {
        "source_type": document.origin,
        "reason": document.shown_reason,
        "progress": progress,
        "chunks_processed": document.chunks_read,
    }
