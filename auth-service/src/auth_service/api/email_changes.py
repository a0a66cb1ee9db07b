"""Another address for a person, and the verification of addresses."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed, public
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from auth_service.api.callers import person
from auth_service.api.fields import PersonEmail, email_key
from auth_service.domain.email_change import Verification
from auth_service.usecases.change_email import make_verification
from auth_service.usecases.refuse_duplicate import refuse_duplicate

email_changes = Blueprint("email-changes", __name__, description="Another address, and its verification.")


class NewEmailBody(Schema):
    """The address to have from now on, or the present one to verify it, and the caller's password."""

    email = PersonEmail(required=True)
    password = fields.String(required=True, load_only=True)


class TokenBody(Schema):
    """The token that was sent to the new address."""

    token = fields.String(required=True, load_only=True)


class VerificationView(Schema):
    """A token by which a user's new address takes effect, once."""

    token = fields.String(required=True, metadata={"description": "No later response shows it."})
    user_id = fields.Integer(required=True)
    email = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


@email_changes.post("/api/me/email")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@email_changes.arguments(NewEmailBody, example={"email": "ada@new.example", "password": "seven small blue boats"})
@email_changes.response(202)
def request_email(body: dict[str, Any]) -> Response:
    """Ask for another address. It takes effect when the token comes back that is sent to it."""
    key = read_idempotency_key(_accepted, confidential=g.deps.confidential)
    user_id = person()
    refuse_duplicate(g.session, key)
    email = body["email"]
    g.deps.email_changes.request(
        g.session,
        g.caller.company_id,
        user_id,
        email,
        email_key(email),
        body["password"],
        cause=g.cause,
        idempotency_key=key,
    )
    return _accepted(None)


@email_changes.post("/api/auth/email/confirm")
@public
@email_changes.arguments(TokenBody, example={"token": f"ste_{'0123456789abcdef' * 3}"[:47]})
@email_changes.response(204)
def confirm_email(body: dict[str, Any]) -> Response:
    """Let a new address take effect by its token. All sessions and links of the old address end."""
    g.deps.email_changes.confirm(body["token"], address=client_address(), cause=g.cause)
    return Response(status=204)


@email_changes.post("/api/users/<int:user_id>/email-verification")
@allowed(ADMIN)
@email_changes.response(201, VerificationView)
def add_verification(user_id: int) -> Response:
    """Make the token for the address that a user has asked for, valid for 30 minutes. Send it to that address."""
    key = read_idempotency_key(_made, confidential=g.deps.confidential)
    return _made(make_verification(g.session, g.caller.company_id, user_id, idempotency_key=key))


def _made(made: Verification) -> Response:
    return json_response(vars(made), 201)


def _accepted(_result: None) -> Response:
    return Response(status=202)
