"""`/api/mailboxes`: the addresses at which a company's mails arrive."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.email import MAX_EMAIL_CHARACTERS, Email
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.text import name_field, not_blank
from service_kit.identity import ADMIN

from notification_service.domain.mailbox import Mailbox, Provider, Security
from notification_service.store import mailboxes as store
from notification_service.usecases.mailboxes import ShownMailbox

MAX_SECRET_CHARACTERS = 1_000
MAX_HOST_CHARACTERS = 253
MAX_NAME_CHARACTERS = 200
HIDDEN = ("company_id", "secret_sealed", "uid_validity", "last_uid")
VISIBLE = validate.Regexp(r"^[!-~]*$(?!\n)", error="Only visible ASCII characters, no blanks.")
PRINTABLE = validate.Regexp(r"^[^\x00-\x1f\x7f]*$(?!\n)", error="No control characters.")
SECURITY = validate.OneOf([each.value for each in Security])
EXAMPLE = {"address": "desk@company.example", "provider": "generic"}

mailboxes = Blueprint("mailboxes", __name__, description="The addresses at which mails arrive.")


def _secret(**options: Any) -> fields.String:
    return fields.String(
        validate=[validate.Length(1, MAX_SECRET_CHARACTERS), PRINTABLE],
        allow_none=True,
        load_only=True,
        metadata={
            "description": "The provider's key, or the password of an IMAP mailbox; made here for generic and postmark."
        },
        **options,
    )


def _text(max_characters: int, *more: Any, **options: Any) -> fields.String:
    return fields.String(validate=[validate.Length(1, max_characters), not_blank, *more], allow_none=True, **options)


class NewMailbox(Schema):
    """A mailbox to add."""

    address = Email(required=True)
    provider = fields.String(required=True, validate=validate.OneOf([each.value for each in Provider]))
    secret = _secret(load_default=None)
    host = _text(MAX_HOST_CHARACTERS, VISIBLE, load_default=None, metadata={"description": "For imap alone."})
    port = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 65_535),
        metadata={"description": "For imap alone; without it 993 for tls, else 143."},
    )  # fmt: skip
    security = fields.String(
        load_default=None, allow_none=True, validate=SECURITY,
        metadata={"description": "For imap alone; tls without it. none is for networks that the operator allows."},
    )  # fmt: skip
    username = name_field(
        MAX_NAME_CHARACTERS, allow_none=True, load_default=None, metadata={"description": "For imap alone."}
    )
    folder = _text(
        MAX_NAME_CHARACTERS, PRINTABLE, load_default=None,
        metadata={"description": "For imap alone; INBOX without it."},
    )  # fmt: skip
    is_active = fields.Boolean(load_default=True, truthy={True}, falsy={False})


class MailboxChange(Schema):
    """The fields to change; omitted ones stay. A secret of null makes another one where it is made here."""

    secret = _secret()
    host = _text(MAX_HOST_CHARACTERS, VISIBLE)
    port = fields.Integer(allow_none=True, strict=True, validate=validate.Range(1, 65_535))
    security = fields.String(allow_none=True, validate=SECURITY)
    username = name_field(MAX_NAME_CHARACTERS, allow_none=True)
    folder = _text(MAX_NAME_CHARACTERS, PRINTABLE)
    is_active = fields.Boolean(truthy={True}, falsy={False})


class MailboxView(Schema):
    """A mailbox, without its secret."""

    id = fields.Integer(required=True)
    address = fields.String(required=True, metadata={"maxLength": MAX_EMAIL_CHARACTERS})
    provider = fields.String(required=True)
    webhook_path = fields.String(
        required=True, allow_none=True, metadata={"description": "Where the provider sends its mails; null for imap."}
    )
    host = fields.String(required=True, allow_none=True)
    port = fields.Integer(required=True, allow_none=True)
    security = fields.String(
        required=True, allow_none=True, metadata={"description": "tls, starttls or none; null for webhooks."}
    )
    username = fields.String(required=True, allow_none=True)
    folder = fields.String(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)
    fault = fields.String(
        required=True, metadata={"description": "Why an IMAP mailbox can't be read, '' where it can."}
    )
    read_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When an IMAP mailbox was read last."}
    )
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class ShownMailboxView(MailboxView):
    """A mailbox, with its secret where it was made just now."""

    secret = fields.String(
        required=True, allow_none=True, metadata={"description": "Shown this once; null where it wasn't made here."}
    )


class MailboxPage(PageView):
    """A page of a company's mailboxes, the oldest first."""

    items = fields.List(fields.Nested(MailboxView), required=True)


@mailboxes.get("/api/mailboxes")
@allowed(ADMIN)
@mailboxes.arguments(PageQuery, location="query")
@mailboxes.response(200, MailboxPage)
def list_mailboxes(query: dict[str, Any]) -> Response:
    """List the company's mailboxes, the oldest first."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=limit + 1)
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@mailboxes.post("/api/mailboxes")
@allowed(ADMIN)
@mailboxes.arguments(NewMailbox, example=EXAMPLE)
@mailboxes.response(201, ShownMailboxView)
def add_mailbox(body: dict[str, Any]) -> Response:
    """Add a mailbox. A secret that is made here is shown this once."""
    body["address"] = body["address"].lower()
    key = read_idempotency_key(_added, confidential=g.deps.confidential)
    return _added(g.deps.mailboxes.add(g.session, g.caller.company_id, body, idempotency_key=key))


@mailboxes.get("/api/mailboxes/<int:mailbox_id>")
@allowed(ADMIN)
@mailboxes.response(200, MailboxView)
def get_mailbox(mailbox_id: int) -> Response:
    """Show a mailbox."""
    found = g.deps.mailboxes.get(g.session, g.caller.company_id, mailbox_id)
    return json_response(_view(found), headers={"ETag": etag(found.version)})


@mailboxes.patch("/api/mailboxes/<int:mailbox_id>")
@allowed(ADMIN)
@conditional
@mailboxes.arguments(MailboxChange, example={"is_active": False})
@mailboxes.response(200, ShownMailboxView)
def patch_mailbox(change: dict[str, Any], mailbox_id: int) -> Response:
    """Change a mailbox; mails that have arrived stay."""
    changed = g.deps.mailboxes.change(g.session, g.caller.company_id, mailbox_id, change, precondition=_precondition())
    return _answer(changed)


@mailboxes.delete("/api/mailboxes/<int:mailbox_id>")
@allowed(ADMIN)
@conditional
@mailboxes.response(204)
def delete_mailbox(mailbox_id: int) -> Response:
    """Delete a mailbox; mails that have arrived stay."""
    g.deps.mailboxes.remove(g.session, g.caller.company_id, mailbox_id, precondition=_precondition())
    return Response(status=204)


def _precondition() -> Precondition[Mailbox]:
    return read_precondition(lambda mailbox: etag(mailbox.version))


def _view(mailbox: Mailbox) -> dict[str, Any]:
    is_webhook = mailbox.provider is not Provider.IMAP
    path = f"/webhooks/email/inbound/{mailbox.provider}" if is_webhook else None
    return {name: value for name, value in vars(mailbox).items() if name not in HIDDEN} | {"webhook_path": path}


def _added(shown: ShownMailbox) -> Response:
    return _answer(shown, 201, {"Location": f"/api/mailboxes/{shown.mailbox.id}"})


def _answer(shown: ShownMailbox, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    body = _view(shown.mailbox) | {"secret": shown.secret}
    return json_response(body, status, {"ETag": etag(shown.mailbox.version), **headers})
