"""Mails come in: the providers' webhooks, and what became of each mail."""

from typing import Any

from flask import Response, g, request
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.email import MAX_EMAIL_CHARACTERS
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed, public
from service_kit.http.problems import NotFound
from service_kit.identity import ADMIN, MANAGER, SERVICE

from notification_service.adapters.providers import PROVIDERS
from notification_service.api.notifications import MAX_ID
from notification_service.domain.inbound import InboundMail, MailState
from notification_service.domain.mailbox import Provider
from notification_service.ports import Incoming
from notification_service.store import inbound_mails as store
from notification_service.usecases.open_mail import open_mail, open_mail_file
from notification_service.usecases.receive_mail import NotVerified, receive_mail
from notification_service.usecases.retry_mail import retry_mail

OCTETS = "application/octet-stream"
FORM_BYTES = 64 * 1024
"""Room for what a provider wraps around a mail."""
BODY = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("message/rfc822", "multipart/form-data")},
}  # fmt: skip

inbound_mails = Blueprint("inbound-mails", __name__, description="Mails that come in.")


class InboundQuery(Schema):
    """Whom a mail is for, where the body doesn't say it."""

    recipient = fields.String(
        load_default="",
        validate=validate.Length(max=MAX_EMAIL_CHARACTERS),
        metadata={"description": "For generic alone: the mailbox's address, or the reply address of a ticket."},
    )
    format = fields.String(
        load_default="mime",
        validate=validate.OneOf(["mime"]),
        metadata={"description": "Mailgun sends the whole mail to addresses that end in `mime`."},
    )


class StoredView(Schema):
    """A mail that is stored and will be read."""

    state = fields.String(required=True)


class InboundMailQuery(PageQuery):
    """Which mails are listed."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf([state.value for state in MailState]),
        metadata={"description": "Only mails in this state."},
    )


class InboundMailView(Schema):
    """A mail that came in."""

    id = fields.Integer(required=True)
    mailbox = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "Why it is parked, or what of it was left out."})
    kind = fields.String(required=True, allow_none=True, metadata={"description": "human, automatic, bounce or loop."})
    sender = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    size_bytes = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    comment_id = fields.Integer(required=True, allow_none=True)
    received_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class InboundMailPage(PageView):
    """A page of mails, the newest first."""

    items = fields.List(fields.Nested(InboundMailView), required=True)


@inbound_mails.post("/webhooks/email/inbound/<provider>")
@public
@inbound_mails.arguments(InboundQuery, location="query")
@inbound_mails.response(200, StoredView)
@inbound_mails.doc(requestBody=BODY)
def post_mail(query: dict[str, Any], provider: str) -> Response:
    """Store a mail that a provider sends: generic, sendgrid, mailgun or postmark. It is read after the answer."""
    by = PROVIDERS.get(provider)
    if by is None:
        raise NotFound("There is no such provider of mails.", code="provider_not_found")
    request.max_content_length = g.deps.max_mail_bytes + FORM_BYTES
    headers = {name.lower(): value for name, value in request.headers.items()}
    incoming = Incoming(headers, query["recipient"], request.get_data(cache=False))
    try:
        receive_mail(g.deps.database, g.deps.mailboxes, Provider(provider), by, incoming, request_id=g.cause.request_id)
    except NotVerified:
        g.deps.metrics.count_refused(provider)
        raise
    g.deps.metrics.count_stored(provider)
    return json_response({"state": MailState.STORED})


@inbound_mails.get("/api/inbound-mails")
@allowed(MANAGER, ADMIN)
@inbound_mails.arguments(InboundMailQuery, location="query")
@inbound_mails.response(200, InboundMailPage)
def list_mails(query: dict[str, Any]) -> Response:
    """List the mails that came in, the newest first."""
    before, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(
        g.session,
        g.caller.company_id,
        state=query["state"],
        before=before[0] if before else MAX_ID,
        limit=limit + 1,
    )
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [vars(row) for row in rows])
    return json_response(body, headers=headers)


@inbound_mails.post("/api/inbound-mails/<int:mail_id>/retry")
@allowed(MANAGER, ADMIN)
@inbound_mails.response(200, InboundMailView)
def post_retry(mail_id: int) -> Response:
    """Read a parked mail again; limits of automatic mails don't hold for it."""
    key = read_idempotency_key(_answer)
    return _answer(retry_mail(g.session, g.caller.company_id, mail_id, idempotency_key=key))


@inbound_mails.get("/api/inbound-mails/<int:mail_id>/content")
@allowed(MANAGER, ADMIN)
@inbound_mails.response(200, {"type": "string", "format": "binary"}, content_type=OCTETS)
def get_content(mail_id: int) -> Response:
    """Download a mail as it arrived."""
    headers = {"Content-Disposition": f'attachment; filename="mail-{mail_id}.eml"', "Cache-Control": "no-store"}
    content = open_mail(g.session, g.caller.company_id, mail_id)
    return Response(content, content_type=OCTETS, headers=headers)


@inbound_mails.get("/internal/mails/<int:mail_id>/files/<int:position>")
@allowed(SERVICE)
@inbound_mails.response(200, {"type": "string", "format": "binary"}, content_type=OCTETS)
def get_file(mail_id: int, position: int) -> Response:
    """Return a file of a mail."""
    content = open_mail_file(g.session, g.deps.intake.reader, g.caller.company_id, mail_id, position)
    return Response(content, content_type=OCTETS)


def _answer(mail: InboundMail) -> Response:
    return json_response(vars(mail))
