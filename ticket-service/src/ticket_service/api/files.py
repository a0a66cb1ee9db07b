"""`/api/files`, and `/internal/files` for other services."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Response, g, request
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, etag, read_precondition
from service_kit.identity import SERVICE

from ticket_service.api.file_views import (
    ANY_KIND,
    CONTENT,
    DOWNLOAD_HEADERS,
    FILE_FORM,
    FileIdsQuery,
    FileIdsView,
    FileItemView,
    FilesQuery,
    FilesView,
    VersionQuery,
    disposition,
    file_view,
)
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import EDITORS, READERS
from ticket_service.api.uploads import receive_upload
from ticket_service.dependencies import Dependencies
from ticket_service.domain.contents import detect_format
from ticket_service.domain.file_names import file_name
from ticket_service.domain.files import StoredFile, Upload
from ticket_service.store import files as stored
from ticket_service.usecases.delete_file import delete_file
from ticket_service.usecases.open_file import open_file
from ticket_service.usecases.upload_file import Uploaded, upload_file

files = Blueprint("files", __name__, description="Files that answers are made from")


@files.post("/api/files")
@allowed(*EDITORS)
@files.response(201, FileItemView)
@files.alt_response(200, schema=FileItemView, description="The very same file is there already")
@files.doc(requestBody=FILE_FORM)
def post_file() -> Response:
    """Store a file, or the next version of the file of that name; its content decides its kind."""
    deps: Dependencies = g.deps
    deps.storage.check_configured()
    with receive_upload(deps.incoming, deps.max_file_bytes) as file:
        # The name is sanitised before it is checked, never the other way round.
        name = file_name(file.given_name)
        upload = Upload(name, detect_format(file.content, name, file.given_kind), file.size, file.sha256)
        idempotency_key = read_idempotency_key(
            _uploaded, "\n".join((name, file.given_kind or "", file.sha256)).encode()
        )
        return _uploaded(upload_file(g.session, deps.storage, file.content, upload, request_context(), idempotency_key))


@files.get("/api/files")
@allowed(*READERS)
@files.arguments(FilesQuery, location="query")
@files.response(200, FilesView)
def list_files(query: dict[str, Any]) -> Response:
    """List files, the latest upload first."""
    limit = query["limit"]
    before = cast("tuple[datetime, UUID] | None", pages.decode_cursor(query["cursor"], (datetime, UUID)))
    found = stored.page(g.session, g.caller.company_id, query["kind"], before=before, limit=limit + 1)
    shown = [file_view(file) for file in found[:limit]]
    body, headers = pages.page(found, limit, lambda file: (file.uploaded_at, file.id), "items", shown)
    return json_response(body, 200, headers)


@files.get("/api/files/<uuid:file_id>")
@allowed(*READERS)
@files.response(200, FileItemView)
def get_file(file_id: UUID) -> Response:
    """Show a file's name, kind, size and version."""
    return _answer(Uploaded(stored.get(g.session, g.caller.company_id, file_id), changed=False))


@files.get("/api/files/<uuid:file_id>/content")
@allowed(*READERS)
@files.response(200, CONTENT, content_type=ANY_KIND)
@files.doc(**{"x-etag": True})
def get_content(file_id: UUID) -> Response:
    """Download a file."""
    return _content(file_id, None)


@files.delete("/api/files/<uuid:file_id>")
@allowed(*EDITORS)
@conditional
@files.response(204)
def remove_file(file_id: UUID) -> Response:
    """Delete a file, its bytes and everything derived from it."""
    precondition = read_precondition(lambda file: etag(file.version))
    delete_file(g.session, g.deps.storage, file_id, precondition, request_context())
    return Response(status=204)


@files.get("/internal/files")
@allowed(SERVICE)
@files.arguments(FileIdsQuery, location="query")
@files.response(200, FileIdsView)
def list_existing(query: dict[str, Any]) -> Response:
    """Return which of the given files exist now."""
    return json_response({"ids": sorted(stored.existing(g.session, g.caller.company_id, query["ids"]))})


@files.get("/internal/files/<uuid:file_id>/content")
@allowed(SERVICE)
@files.arguments(VersionQuery, location="query")
@files.response(200, CONTENT, content_type=ANY_KIND)
@files.alt_response(410, description="A newer upload replaced the version")
def get_content_for_a_service(query: dict[str, Any], file_id: UUID) -> Response:
    """Return a version's bytes: 410 where a newer upload replaced it, 404 where the file is deleted."""
    return _content(file_id, query["version"])


def _content(file_id: UUID, version: int | None) -> Response:
    file, content = open_file(g.session, g.deps.storage, g.caller.company_id, file_id, version, is_known=_is_known)
    if content is None:
        return Response(status=304, headers={"ETag": etag(file.version)})
    response = Response(cast("Iterable[bytes]", content), content_type=file.content_type, direct_passthrough=True)
    response.call_on_close(content.close)
    response.headers.update(
        {
            "Content-Length": str(file.size),
            "Content-Disposition": disposition(file.name),
            "ETag": etag(file.version),
            "X-Content-SHA256": file.sha256,
            **DOWNLOAD_HEADERS,
        }
    )
    return response


def _is_known(file: StoredFile) -> bool:
    """Return whether the request's `If-None-Match` names this version."""
    return "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag(file.version).strip('"'))


def _uploaded(outcome: Uploaded) -> Response:
    return _answer(outcome, 201 if outcome.changed else 200, {"Location": f"/api/files/{outcome.file.id}"})


def _answer(outcome: Uploaded, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    file = outcome.file
    return json_response({"item": file_view(file)}, status, {"ETag": etag(file.version), **(headers or {})})
