"""`/api/auth/totp`: a second factor by an authenticator app, with recovery codes."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from auth_service.api.callers import person
from auth_service.usecases.refuse_duplicate import refuse_duplicate
from auth_service.usecases.second_factors import Setup

totp = Blueprint("totp", __name__, description="A second factor by one-time codes.")


class CurrentPassword(Schema):
    """The caller's password, once more."""

    password = fields.String(required=True, load_only=True)


class Code(Schema):
    """A one-time code."""

    code = fields.String(required=True, load_only=True, metadata={"description": "Six digits."})


class CurrentPasswordAndCode(CurrentPassword):
    """The caller's password and a one-time code or recovery code."""

    code = fields.String(
        required=True, load_only=True, metadata={"description": "Six digits, or one of the recovery codes."}
    )


class SetupView(Schema):
    """The secret for an authenticator app; no later response shows it."""

    secret = fields.String(required=True, metadata={"description": "In base32, for typing."})
    uri = fields.String(required=True, metadata={"description": "`otpauth://…`, for a QR code."})


class RecoveryCodesView(Schema):
    """Codes that replace the app, each once; no later response shows them."""

    recovery_codes = fields.List(fields.String(), required=True)


@totp.post("/api/auth/totp/enable")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@totp.arguments(CurrentPassword, example={"password": "correct horse battery"})
@totp.response(200, SetupView)
def enable(body: dict[str, Any]) -> Response:
    """Make a secret for an authenticator app. It takes effect with the first code (`confirm`)."""
    key = read_idempotency_key(_setup, confidential=g.deps.confidential)
    refuse_duplicate(g.session, key)
    user = g.deps.password_check.check(g.caller.company_id, person(), body["password"])
    return _setup(g.deps.second_factors.enable(g.session, user, key))


@totp.post("/api/auth/totp/confirm")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@totp.arguments(Code, example={"code": "123456"})
@totp.response(200, RecoveryCodesView)
def confirm(body: dict[str, Any]) -> Response:
    """Activate the second factor by a first code, and show the recovery codes."""
    key = read_idempotency_key(_recovery_codes, confidential=g.deps.confidential)
    codes = g.deps.second_factors.confirm(g.session, g.caller.company_id, person(), body["code"], key)
    return _recovery_codes(codes)


@totp.post("/api/auth/totp/disable")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@totp.arguments(CurrentPasswordAndCode, example={"password": "correct horse battery", "code": "123456"})
@totp.response(204)
def disable(body: dict[str, Any]) -> Response:
    """Remove the second factor; it needs the password and a code."""
    key = read_idempotency_key(_nothing, confidential=g.deps.confidential)
    refuse_duplicate(g.session, key)
    g.deps.password_check.check(g.caller.company_id, person(), body["password"])
    g.deps.second_factors.disable(g.session, g.caller.company_id, person(), body["code"], key)
    return _nothing(None)


@totp.delete("/api/users/<int:user_id>/totp")
@allowed(ADMIN)
@totp.response(204)
def remove(user_id: int) -> Response:
    """Remove the second factor of a person who has lost it."""
    g.deps.second_factors.remove(g.session, g.caller.company_id, user_id)
    return _nothing(None)


def _setup(setup: Setup) -> Response:
    return json_response(vars(setup))


def _recovery_codes(codes: list[str]) -> Response:
    return json_response({"recovery_codes": codes})


def _nothing(_result: None) -> Response:
    return Response(status=204)
