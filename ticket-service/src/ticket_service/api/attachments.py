"""Files of comments: sent to a ticket, given to a comment, and read by those who see the comment."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from flask import Response, g
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed

from ticket_service.api.attachment_views import AttachmentItemView, attachment_view
from ticket_service.api.comment_reader import comment_reader
from ticket_service.api.file_views import ANY_KIND, CONTENT, DOWNLOAD_HEADERS, FILE_FORM, disposition
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import CREATORS, TICKET_READERS
from ticket_service.api.uploads import receive_upload
from ticket_service.api.visibility import own_tickets_of
from ticket_service.dependencies import Dependencies
from ticket_service.domain.attachments import Attachment
from ticket_service.domain.contents import detect_format
from ticket_service.domain.file_names import file_name
from ticket_service.domain.files import Upload
from ticket_service.usecases.open_attachment import open_attachment
from ticket_service.usecases.upload_attachment import upload_attachment

attachments = Blueprint("attachments", __name__, description="Files of comments")


@attachments.post("/api/tickets/<int:ticket_id>/attachments")
@allowed(*CREATORS)
@attachments.response(201, AttachmentItemView)
@attachments.doc(requestBody=FILE_FORM)
def post_attachment(ticket_id: int) -> Response:
    """Store a file for a comment on the ticket: nobody sees it before, and no answer is made from it."""
    deps: Dependencies = g.deps
    deps.storage.check_configured()
    with receive_upload(deps.incoming, deps.max_file_bytes) as file:
        # The name is sanitised before it is checked, never the other way round.
        name = file_name(file.given_name)
        upload = Upload(name, detect_format(file.content, name, file.given_kind), file.size, file.sha256)
        idempotency_key = read_idempotency_key(
            _uploaded, "\n".join((name, file.given_kind or "", file.sha256)).encode()
        )
        stored = upload_attachment(
            g.session, deps.storage, file.content, upload, ticket_id, own_tickets_of(), request_context(),
            idempotency_key,
        )  # fmt: skip
        return _uploaded(stored)


@attachments.get("/api/comments/<int:comment_id>/files/<uuid:file_id>/content")
@allowed(*TICKET_READERS)
@attachments.response(200, CONTENT, content_type=ANY_KIND)
def get_attachment(comment_id: int, file_id: UUID) -> Response:
    """Download a file of a comment that the caller sees."""
    file, content = open_attachment(
        g.session, g.deps.storage, g.caller.company_id, comment_id, file_id, comment_reader()
    )
    response = Response(cast("Iterable[bytes]", content), content_type=file.content_type, direct_passthrough=True)
    response.call_on_close(content.close)
    response.headers.update(
        {
            "Content-Length": str(file.size),
            "Content-Disposition": disposition(file.name),
            "ETag": f'"{file.id}"',
            "X-Content-SHA256": file.sha256,
            **DOWNLOAD_HEADERS,
        }
    )
    return response


def _uploaded(file: Attachment) -> Response:
    return json_response({"item": attachment_view(file)}, 201)
