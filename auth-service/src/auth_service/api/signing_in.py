"""`/api/auth/login`, `refresh` and `logout`."""

from typing import Any

import orjson
from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validates_schema
from service_kit.http.blueprint import Blueprint, dumps, json_response
from service_kit.http.policy import public
from service_kit.http.problems import Unauthorized, problem_response
from service_kit.identity.access_tokens import LIFETIME_SECONDS

from auth_service.api.client import client
from auth_service.api.fields import email_key
from auth_service.api.users import UserView, user_view
from auth_service.usecases.begin_session import SignedIn
from auth_service.usecases.log_in import Attempt, Login, SecondFactorNeeded
from auth_service.usecases.refresh import Refresh

signing_in = Blueprint("signing_in", __name__, description="Login, refresh and logout.")


class LoginBody(Schema):
    """An address and a password, with `totp` where a second factor is active.

    Or, after a 401 `totp_required`, its `half_login_token` and `totp`. `device_token` is the one that an earlier login
    on this device returned.
    """

    email = fields.String(load_default=None)
    password = fields.String(load_default=None, load_only=True)
    device_token = fields.String(load_default=None, allow_none=True)
    totp = fields.String(
        load_default=None, allow_none=True, metadata={"description": "Six digits, or a recovery code."}
    )
    half_login_token = fields.String(load_default=None)

    @validates_schema
    def check_proofs(self, data: dict[str, Any], **_options: Any) -> None:
        """Refuse a body without the proofs of one of the two ways."""
        half = data.get("half_login_token") is not None
        needed, excluded = ("totp",) if half else ("email", "password"), ("email", "password") if half else ()
        errors = {name: ["Missing data for required field."] for name in needed if data.get(name) is None}
        errors |= {name: ["Not together with half_login_token."] for name in excluded if data.get(name) is not None}
        if errors:
            raise ValidationError(errors)


class RefreshBody(Schema):
    """The newest refresh token of a session."""

    refresh_token = fields.String(required=True)


class TokensView(Schema):
    """An access token for `Authorization: Bearer …`, and the refresh token that gets the next one, once."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds until the access token expires."})
    user = fields.Nested(UserView, required=True)


class LoginView(TokensView):
    """The tokens of a new session."""

    device_token = fields.String(
        required=True,
        metadata={"description": "Send it with the next login: others who guess can't lock this device out."},
    )


@signing_in.post("/api/auth/login")
@public
@signing_in.arguments(LoginBody, example={"email": "ada@company.example", "password": "seven small blue boats"})
@signing_in.response(200, LoginView)
def log_in(body: dict[str, Any]) -> Response:
    """Begin a session. Where a second factor is active and `totp` is missing, 401 `totp_required` asks for it."""
    deps = g.deps
    login = Login(
        deps.database,
        deps.passwords,
        deps.guard,
        deps.guard_keys,
        deps.devices,
        deps.second_factors,
        deps.half_logins,
    )
    if body["half_login_token"] is not None:
        logged_in = login.finish(body["half_login_token"], body["totp"], client(), body["device_token"])
    else:
        attempt = Attempt(email_key(body["email"]), body["password"], client(), body["device_token"], body["totp"])
        try:
            logged_in = login.log_in(attempt)
        except SecondFactorNeeded as error:
            return totp_required(error)
    return json_response({**tokens_view(logged_in.signed_in), "device_token": logged_in.device_token})


@signing_in.post("/api/auth/refresh")
@public
@signing_in.arguments(RefreshBody, example={"refresh_token": "str_…"})
@signing_in.response(200, TokensView)
def refresh(body: dict[str, Any]) -> Response:
    """Exchange a refresh token for the next one and a new access token. Each is used once, and again within 10 s."""
    return json_response(tokens_view(Refresh(g.deps.database).exchange(body["refresh_token"])))


@signing_in.post("/api/auth/logout")
@public
@signing_in.arguments(RefreshBody, example={"refresh_token": "str_…"})
@signing_in.response(204)
def log_out(body: dict[str, Any]) -> Response:
    """End the session of a refresh token. An unknown token is no error: nothing is left to end."""
    Refresh(g.deps.database).log_out(body["refresh_token"])
    return Response(status=204)


def totp_required(error: SecondFactorNeeded) -> Response:
    """Return the 401 that asks for a second factor."""
    response = problem_response(Unauthorized(str(error), code="totp_required"))
    response.set_data(dumps({**orjson.loads(response.get_data()), "half_login_token": error.half_login_token}))
    return response


def tokens_view(signed_in: SignedIn) -> dict[str, Any]:
    """Return the tokens of a session for a response; call it outside a transaction."""
    return {
        "access_token": g.deps.signing_keys.sign(signed_in.caller),
        "refresh_token": signed_in.refresh_token,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "user": user_view(signed_in.user),
    }
