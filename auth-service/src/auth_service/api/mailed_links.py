"""The links that mails bring: their tokens for notification-service, and what their addresses show."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed, public
from service_kit.identity import SERVICE

from auth_service.domain.email_change import Verification
from auth_service.domain.password_reset import ResetLink
from auth_service.usecases.change_email import make_verification
from auth_service.usecases.change_password import make_reset_link
from auth_service.usecases.invite import Issued, make_mailed_token

TEXT = "text/plain; charset=utf-8"
RESET_SHOWN = (
    "Opening this address changes nothing. To set a new password, send the token of this address and the new password"
    ' to POST /api/auth/password/reset: {"token": "...", "new_password": "..."}.\n'
)
CONFIRM_SHOWN = (
    "Opening this address changes nothing. To confirm the address, send the token of this address to"
    ' POST /api/auth/email/confirm: {"token": "..."}.\n'
)
JOIN_SHOWN = (
    "Opening this address changes nothing. To join the company, send the token of this address to"
    ' POST /api/auth/register: {"invitation": "...", "email": "...", "username": "...", "password": "..."}.\n'
)

mailed_links = Blueprint("mailed-links", __name__, description="Links that mails bring.")


class AskedAddress(Schema):
    """The address that the mail goes to."""

    email = fields.String(required=True)


class MailedLink(Schema):
    """A token for a mail, and the address that it may be sent to."""

    token = fields.String(required=True, metadata={"description": "No later response shows it."})
    email = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class TokenQuery(Schema):
    """The token of a mail's link. It isn't looked at."""

    token = fields.String(load_default="", metadata={"description": "The token that the mail brought."})


@mailed_links.post("/internal/users/<int:user_id>/password-reset")
@allowed(SERVICE)
@mailed_links.response(201, MailedLink)
def mail_reset_link(user_id: int) -> Response:
    """Make a link for a new password, in place of earlier ones, for a mail to the user's address."""
    link = make_reset_link(
        g.session,
        g.caller.company_id,
        user_id,
        created_by=g.caller.subject,
        is_mailed=True,
        idempotency_key=read_idempotency_key(_mailed, confidential=g.deps.confidential),
    )
    return _mailed(link)


@mailed_links.post("/internal/users/<int:user_id>/email-verification")
@allowed(SERVICE)
@mailed_links.arguments(AskedAddress, example={"email": "ada@new.example"})
@mailed_links.response(201, MailedLink)
def mail_verification(body: dict[str, Any], user_id: int) -> Response:
    """Make the token for the address that a user has asked for, for a mail to it; 404 once another one is asked for."""
    made = make_verification(
        g.session,
        g.caller.company_id,
        user_id,
        email=body["email"],
        is_mailed=True,
        idempotency_key=read_idempotency_key(_mailed, confidential=g.deps.confidential),
    )
    return _mailed(made)


@mailed_links.post("/internal/invitations/<int:invitation_id>/token")
@allowed(SERVICE)
@mailed_links.response(201, MailedLink)
def mail_invitation(invitation_id: int) -> Response:
    """Make the token of an open invitation for a mail to the invited address; the inviter's token stays valid."""
    issued = make_mailed_token(
        g.session,
        g.caller.company_id,
        invitation_id,
        idempotency_key=read_idempotency_key(_mailed_invitation, confidential=g.deps.confidential),
    )
    return _mailed_invitation(issued)


@mailed_links.get("/api/auth/password/reset")
@public
@mailed_links.arguments(TokenQuery, location="query")
@mailed_links.response(200, {"type": "string"}, content_type="text/plain")
def show_reset(_query: dict[str, Any]) -> Response:
    """Say how to set a new password by a mail's link; nothing changes, because programs open addresses in mails."""
    return Response(RESET_SHOWN, content_type=TEXT)


@mailed_links.get("/api/auth/email/confirm")
@public
@mailed_links.arguments(TokenQuery, location="query")
@mailed_links.response(200, {"type": "string"}, content_type="text/plain")
def show_confirmation(_query: dict[str, Any]) -> Response:
    """Say how to confirm an address by a mail's link; nothing changes, because programs open addresses in mails."""
    return Response(CONFIRM_SHOWN, content_type=TEXT)


@mailed_links.get("/api/auth/register")
@public
@mailed_links.arguments(TokenQuery, location="query")
@mailed_links.response(200, {"type": "string"}, content_type="text/plain")
def show_joining(_query: dict[str, Any]) -> Response:
    """Say how to join a company by a mail's link; nothing changes, because programs open addresses in mails."""
    return Response(JOIN_SHOWN, content_type=TEXT)


def _mailed_invitation(issued: Issued) -> Response:
    invitation = issued.invitation
    return json_response({"token": issued.token, "email": invitation.email, "expires_at": invitation.expires_at}, 201)


def _mailed(made: ResetLink | Verification) -> Response:
    return json_response({"token": made.token, "email": made.email, "expires_at": made.expires_at}, 201)
