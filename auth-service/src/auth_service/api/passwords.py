"""`/api/auth/password`: change, forgot and reset; and links for a new password, which admins hand over."""

from typing import Any
from uuid import UUID

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed, public
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from auth_service.api.callers import person
from auth_service.api.fields import NewPassword, email_key
from auth_service.domain.password_reset import ResetLink
from auth_service.usecases.change_password import make_reset_link
from auth_service.usecases.refuse_duplicate import refuse_duplicate

passwords = Blueprint("passwords", __name__, description="New passwords.")


class PasswordChangeBody(Schema):
    """The current password and a new one of at least 12 characters."""

    current_password = fields.String(required=True, load_only=True)
    new_password = NewPassword(required=True, load_only=True)


class ForgottenBody(Schema):
    """The address of somebody who has forgotten the password."""

    email = fields.String(required=True)


class ResetBody(Schema):
    """A link's token and a new password of at least 12 characters."""

    token = fields.String(required=True, load_only=True)
    new_password = NewPassword(required=True, load_only=True)


class ResetLinkView(Schema):
    """A token by which a user sets a new password, once."""

    token = fields.String(required=True, metadata={"description": "No later response shows it."})
    user_id = fields.Integer(required=True)
    email = fields.String(required=True, metadata={"description": "The user's address."})
    expires_at = fields.DateTime(required=True)


@passwords.post("/api/auth/password/change")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@passwords.arguments(
    PasswordChangeBody,
    example={"current_password": "correct horse battery", "new_password": "seven small blue boats"},
)
@passwords.response(204)
def change_password(body: dict[str, Any]) -> Response:
    """Change the caller's password. All other sessions of the caller end."""
    key = read_idempotency_key(_nothing, confidential=g.deps.confidential)
    refuse_duplicate(g.session, key)
    g.deps.password_change.change(
        g.session,
        g.caller.company_id,
        person(),
        body["current_password"],
        body["new_password"],
        keep=UUID(g.caller.session) if g.caller.session else None,
        cause=g.cause,
        idempotency_key=key,
    )
    return _nothing(None)


@passwords.post("/api/auth/password/forgot")
@public
@passwords.arguments(ForgottenBody, example={"email": "ada@company.example"})
@passwords.response(202)
def forgot_password(body: dict[str, Any]) -> Response:
    """Ask for a link for a new password. The response is the same whether the address is known or not."""
    g.deps.reset_requests.take(email_key(body["email"]), g.cause)
    return Response(status=202)


@passwords.post("/api/auth/password/reset")
@public
@passwords.arguments(
    ResetBody, example={"token": f"stp_{'0123456789abcdef' * 3}"[:47], "new_password": "seven small blue boats"}
)
@passwords.response(204)
def reset_password(body: dict[str, Any]) -> Response:
    """Set a new password by a link's token. All sessions, API keys and identities of the user end."""
    g.deps.password_change.reset(body["token"], body["new_password"], address=client_address(), cause=g.cause)
    return _nothing(None)


@passwords.post("/api/users/<int:user_id>/password-reset")
@allowed(ADMIN)
@passwords.response(201, ResetLinkView)
def add_reset_link(user_id: int) -> Response:
    """Make a link for a new password, valid for 30 minutes, in place of earlier ones. Hand it over in person."""
    link = make_reset_link(
        g.session,
        g.caller.company_id,
        user_id,
        created_by=g.caller.subject,
        idempotency_key=read_idempotency_key(_link, confidential=g.deps.confidential),
    )
    return _link(link)


def _link(link: ResetLink) -> Response:
    return json_response(vars(link), 201)


def _nothing(_result: None) -> Response:
    return Response(status=204)
