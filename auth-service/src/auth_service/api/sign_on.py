"""`/api/auth/sso`: sign in by the company's identity provider. A cookie binds each sign-in to its browser."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from company_kit.http.audit import changes_records
from flask import Response, g, request
from marshmallow import Schema, ValidationError, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed, public
from service_kit.http.reservation import reads
from service_kit.http.strictness import Accepted
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from auth_service.api.addresses import address_of
from auth_service.api.callers import person
from auth_service.api.client import client
from auth_service.api.signing_in import TokensView, tokens_view, totp_required
from auth_service.domain.credentials import NoPassword
from auth_service.domain.return_path import MAX_CHARACTERS, is_return_path, with_parameter
from auth_service.domain.sign_in import ATTEMPT_LIFETIME
from auth_service.usecases.exchange_code import CodeExchange
from auth_service.usecases.finish_sign_in import Answer, Finished
from auth_service.usecases.log_in import SecondFactorNeeded

COOKIE = "smart-ticket-sign-in"
"""The gateway lets this cookie pass, on these routes alone."""
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Over https: browsers then accept it from this host only, not from a neighbour in the domain."""

sign_on = Blueprint("single-sign-on", __name__, description="Sign-in by the company's identity provider.")


class ReturnPath(fields.String):
    """A path of this system, without any way to leave it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if not is_return_path(text):
            raise ValidationError(
                f"Must be a path of this system such as /tickets?open=1, up to {MAX_CHARACTERS} characters."
            )
        return text


class StartQuery(Schema):
    """Where to go after the sign-in."""

    return_to = ReturnPath(
        load_default=None,
        metadata={"description": "A path; the code is added to it as `sign_in_code`. Without it the answer is JSON."},
    )


class LinkBody(Schema):
    """The caller's password, where the account has one, and where to go after the identity was linked."""

    password = fields.String(load_default=None, allow_none=True, load_only=True)
    return_to = ReturnPath(load_default=None, allow_none=True)


class LinkView(Schema):
    """The address of the provider's page."""

    url = fields.String(required=True, metadata={"description": "Open it in this browser within ten minutes."})


class CodeBody(Schema):
    """The code of a finished sign-in."""

    code = fields.String(required=True, load_only=True)


class FinishedView(Schema):
    """A finished sign-in, where no return path was given."""

    sign_in_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "For `POST /api/auth/sso/exchange`; null where an identity was linked."},
    )
    expires_at = fields.DateTime(required=True, allow_none=True)


class AnyField(Mapping[str, bool]):
    """Accepts every query field, each once: providers add their own to what OpenID Connect names."""

    def __getitem__(self, name: str) -> bool:
        return False

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def any_query(view: Callable[..., Any]) -> Callable[..., Any]:
    """Accept every query field of a view that reads the query itself."""
    view.__dict__["accepted"] = Accepted(AnyField())
    return view


@sign_on.get("/api/auth/sso/<uuid:connection_id>/start")
@public
@sign_on.arguments(StartQuery, location="query")
@sign_on.response(303)
def start(query: dict[str, Any], connection_id: UUID) -> Response:
    """Send the browser to the company's identity provider."""
    started = g.deps.sign_in_start.start(connection_id, query["return_to"])
    return _with_cookie(Response(status=303, headers={"Location": started.url}), started.cookie)


@sign_on.get("/api/auth/sso/<uuid:connection_id>/callback")
@any_query
@public
@changes_records
@sign_on.doc(
    parameters=[
        {"in": "query", "name": name, "schema": {"type": "string"}, "description": f"The provider's `{name}`."}
        for name in ("state", "code", "error", "iss")
    ]
)
@sign_on.response(200, FinishedView)
@sign_on.alt_response(303)
def callback(connection_id: UUID) -> Response:
    """Take the browser back from the provider. Only providers send people here."""
    query = request.args
    answer = Answer(query.get("state"), query.get("code"), query.get("error"), query.get("iss"))
    return _finished(g.deps.sign_in_finish.finish(connection_id, answer, _cookie(), address_of, g.cause))


@sign_on.post("/api/auth/sso/exchange")
@public
@sign_on.arguments(CodeBody, example={"code": f"stx_{'0123456789abcdef' * 3}"[:47]})
@sign_on.response(200, TokensView)
def exchange(body: dict[str, Any]) -> Response:
    """Exchange the code of a finished sign-in for tokens, once, within a minute, in the browser that signed in.

    Where the person has a second factor here, 401 `totp_required` asks for it as a login does.
    """
    deps = g.deps
    codes = CodeExchange(deps.database, deps.second_factors, deps.half_logins)
    try:
        signed_in = codes.exchange(body["code"], _cookie(), client())
    except SecondFactorNeeded as error:
        return _with_cookie(totp_required(error), "")
    return _with_cookie(json_response(tokens_view(signed_in)), "")


@sign_on.post("/api/auth/sso/<uuid:connection_id>/link")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@sign_on.arguments(LinkBody, example={"password": "correct horse battery"})
@sign_on.response(200, LinkView)
@reads
def link(body: dict[str, Any], connection_id: UUID) -> Response:
    """Begin to link an identity at the provider to the caller's own account, whatever its address."""
    company_id, user_id = g.caller.company_id, person()
    # A stolen session alone must not open a second way in. An account without a password has nothing to ask for.
    with contextlib.suppress(NoPassword):
        g.deps.password_check.check(company_id, user_id, body["password"] or "")
    started = g.deps.sign_in_start.start(connection_id, body["return_to"], company_id=company_id, user_id=user_id)
    return _with_cookie(json_response({"url": started.url}), started.cookie)


def _finished(finished: Finished) -> Response:
    if finished.return_to is None:
        return json_response({"sign_in_code": finished.code, "expires_at": finished.expires_at})
    added = ("sign_in_code", finished.code) if finished.code is not None else ("identity_linked", "true")
    return Response(status=303, headers={"Location": with_parameter(finished.return_to, *added)})


def _cookie() -> str | None:
    return request.cookies.get(SECURE_COOKIE if _secure() else COOKIE)


def _with_cookie(response: Response, value: str) -> Response:
    """Set the cookie of a sign-in; an empty value removes it."""
    response.set_cookie(
        SECURE_COOKIE if _secure() else COOKIE,
        value,
        max_age=int(ATTEMPT_LIFETIME.total_seconds()) if value else 0,
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _secure() -> bool:
    url: str = g.deps.public_address.public_url
    return url.startswith("https://")
