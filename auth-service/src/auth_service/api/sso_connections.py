"""`/api/sso/connections`: how people of the company sign in by its own identity provider."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.reservation import reads
from service_kit.http.text import name_field, not_blank
from service_kit.identity import ADMIN, REQUESTER

from auth_service.adapters.provider_http import ProviderFaulty, ProviderUnavailable
from auth_service.api.addresses import split
from auth_service.api.fields import Flag
from auth_service.domain.sso_connection import (
    DEFAULT_SCOPES,
    EMAIL_VERIFIED,
    MAX_URL_CHARACTERS,
    VERIFIED_CLAIMS,
    BadConnection,
    Connection,
)
from auth_service.domain.user import ROLES
from auth_service.store import sso_connections as store

MAX_NAME_CHARACTERS = 100
MAX_CLIENT_CHARACTERS = 200
MAX_SECRET_CHARACTERS = 500
MAX_SCOPES = 20
MAX_DOMAINS = 100
MAX_GROUPS = 200
MAX_GROUP_CHARACTERS = 200
HIDDEN = {"company_id", "number", "client_secret_sealed"}
VISIBLE = validate.Regexp(r"^[!-~]*$(?!\n)", error="Only visible ASCII characters, no blanks.")
SECRET = validate.Regexp(r"^[ -~]*$(?!\n)", error="Only ASCII characters, no control characters.")
EXAMPLE = {
    "name": "Company login",
    "issuer": "https://login.company.example/realms/staff",
    "client_id": "smart-ticket",
    "client_secret": "0123456789abcdef0123456789abcdef",
    "domains": ["company.example"],
    "groups_claim": "groups",
    "role_map": {"helpdesk": "agent", "it-admins": "admin"},
}

sso_connections = Blueprint("sso-connections", __name__, description="Connections to OpenID providers.")


class Domain(fields.String):
    """A domain of e-mail addresses, in lower case and IDNA's ASCII form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        not_blank(text)
        try:
            return split(f"somebody@{text}")[1]
        except ValidationError as error:
            raise ValidationError("Not a domain such as company.example.") from error


def _text(max_characters: int, **options: Any) -> fields.String:
    return fields.String(validate=[validate.Length(1, max_characters), VISIBLE, not_blank], **options)


class ConnectionChange(Schema):
    """The fields to change; omitted fields stay. A client secret is never shown; null removes it."""

    name = name_field(MAX_NAME_CHARACTERS)
    issuer = _text(
        MAX_URL_CHARACTERS,
        metadata={"description": "Exactly as the provider writes it in `/.well-known/openid-configuration`."},
    )
    client_id = _text(MAX_CLIENT_CHARACTERS)
    client_secret = fields.String(
        validate=[validate.Length(1, MAX_SECRET_CHARACTERS), SECRET], allow_none=True, load_only=True
    )
    scopes = fields.List(
        _text(MAX_NAME_CHARACTERS),
        validate=validate.Length(1, MAX_SCOPES),
        metadata={"description": "`openid` must be among them."},
    )
    domains = fields.List(
        Domain(),
        validate=validate.Length(1, MAX_DOMAINS),
        metadata={"description": "The domains of the addresses that may sign in."},
    )
    groups_claim = _text(
        MAX_NAME_CHARACTERS,
        allow_none=True,
        metadata={"description": "The claim that lists a person's groups; null: roles are set here."},
    )
    role_map = fields.Dict(
        keys=fields.String(validate=validate.Length(1, MAX_GROUP_CHARACTERS)),
        values=fields.String(validate=validate.OneOf(ROLES)),
        validate=validate.Length(max=MAX_GROUPS),
        metadata={"description": "The role of each group; the highest counts."},
    )
    default_role = fields.String(
        allow_none=True,
        validate=validate.OneOf([REQUESTER]),
        metadata={"description": "Of people without a group of `role_map`; null: they may not sign in."},
    )
    create_users = Flag(metadata={"description": "Whether people without an account get one at their first sign-in."})
    verified_claim = fields.String(
        validate=validate.OneOf(VERIFIED_CLAIMS),
        metadata={"description": "The claim that says that the address is verified: Entra ID sends `xms_edov`."},
    )
    is_active = Flag()


class NewConnection(ConnectionChange):
    """A connection to add."""

    name = name_field(MAX_NAME_CHARACTERS, required=True)
    issuer = _text(MAX_URL_CHARACTERS, required=True)
    client_id = _text(MAX_CLIENT_CHARACTERS, required=True)
    client_secret = fields.String(
        validate=[validate.Length(1, MAX_SECRET_CHARACTERS), SECRET], load_default=None, allow_none=True, load_only=True
    )
    scopes = fields.List(
        _text(MAX_NAME_CHARACTERS), load_default=lambda: list(DEFAULT_SCOPES), validate=validate.Length(1, MAX_SCOPES)
    )
    domains = fields.List(Domain(), required=True, validate=validate.Length(1, MAX_DOMAINS))
    groups_claim = _text(MAX_NAME_CHARACTERS, load_default=None, allow_none=True)
    role_map = fields.Dict(
        keys=fields.String(validate=validate.Length(1, MAX_GROUP_CHARACTERS)),
        values=fields.String(validate=validate.OneOf(ROLES)),
        validate=validate.Length(max=MAX_GROUPS),
        load_default=dict,
    )
    default_role = fields.String(load_default=REQUESTER, allow_none=True, validate=validate.OneOf([REQUESTER]))
    create_users = Flag(load_default=True)
    verified_claim = fields.String(load_default=EMAIL_VERIFIED, validate=validate.OneOf(VERIFIED_CLAIMS))
    is_active = Flag(load_default=True)


class ConnectionView(Schema):
    """A connection, without its client secret."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    issuer = fields.String(required=True)
    client_id = fields.String(required=True)
    confidential = fields.Boolean(required=True, metadata={"description": "Whether a client secret is stored."})
    scopes = fields.List(fields.String(), required=True)
    domains = fields.List(fields.String(), required=True)
    groups_claim = fields.String(required=True, allow_none=True)
    role_map = fields.Dict(required=True)
    default_role = fields.String(required=True, allow_none=True)
    create_users = fields.Boolean(required=True)
    verified_claim = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    sign_in_path = fields.String(required=True, metadata={"description": "Where people of the company sign in."})
    redirect_uri = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "To be registered at the provider; null until the operator sets PUBLIC_URL."},
    )
    revision = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class ConnectionPage(PageView):
    """A page of a company's connections, the oldest first."""

    items = fields.List(fields.Nested(ConnectionView), required=True)


class CheckView(Schema):
    """Whether a connection can be used, and what is wrong with it."""

    usable = fields.Boolean(required=True)
    problem = fields.String(required=True, allow_none=True)


@sso_connections.get("/api/sso/connections")
@allowed(ADMIN)
@sso_connections.arguments(PageQuery, location="query")
@sso_connections.response(200, ConnectionPage)
def list_connections(query: dict[str, Any]) -> Response:
    """List the company's connections, the oldest first."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.number,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@sso_connections.post("/api/sso/connections")
@allowed(ADMIN)
@sso_connections.arguments(NewConnection, example=EXAMPLE)
@sso_connections.response(201, ConnectionView)
def add_connection(body: dict[str, Any]) -> Response:
    """Add a connection. Then register its `redirect_uri` at the provider, and check it."""
    key = read_idempotency_key(_added, confidential=g.deps.confidential)
    _check_scopes(body)
    return _added(g.deps.sso_connections.add(g.session, g.caller.company_id, body, cause=g.cause, idempotency_key=key))


@sso_connections.get("/api/sso/connections/<uuid:connection_id>")
@allowed(ADMIN)
@sso_connections.response(200, ConnectionView)
def get_connection(connection_id: UUID) -> Response:
    """Show one connection."""
    return _answer(g.deps.sso_connections.get(g.session, g.caller.company_id, connection_id))


@sso_connections.patch("/api/sso/connections/<uuid:connection_id>")
@allowed(ADMIN)
@conditional
@sso_connections.arguments(ConnectionChange, example={"role_map": {"helpdesk": "agent"}})
@sso_connections.response(200, ConnectionView)
def patch_connection(change: dict[str, Any], connection_id: UUID) -> Response:
    """Change a connection. Another issuer needs the client secret again."""
    _check_scopes(change)
    return _answer(
        g.deps.sso_connections.change(
            g.session, g.caller.company_id, connection_id, change, precondition=_precondition(), cause=g.cause
        )
    )


@sso_connections.delete("/api/sso/connections/<uuid:connection_id>")
@allowed(ADMIN)
@conditional
@sso_connections.response(204)
def delete_connection(connection_id: UUID) -> Response:
    """Delete a connection. Nobody signs in by it any more; accounts and sessions stay."""
    g.deps.sso_connections.remove(
        g.session, g.caller.company_id, connection_id, precondition=_precondition(), cause=g.cause
    )
    return Response(status=204)


@sso_connections.post("/api/sso/connections/<uuid:connection_id>/check")
@allowed(ADMIN)
@sso_connections.response(200, CheckView)
@reads
def check_connection(connection_id: UUID) -> Response:
    """Ask the provider for its endpoints and keys, and say what is wrong with the connection."""
    connection = g.deps.sso_connections.get(g.session, g.caller.company_id, connection_id)
    g.session.rollback()
    if g.deps.public_address.redirect_uri(connection_id) is None:
        return _checked("The operator must set PUBLIC_URL, the address at which people reach this system.")
    if not g.deps.sso_connections.readable(connection):
        return _checked("The client secret can't be read: AUTH_KEY_SECRET has changed. Enter the secret again.")
    try:
        g.deps.sso_connections.check(g.caller.company_id, connection_id)
    except (ProviderUnavailable, ProviderFaulty) as error:
        return _checked(error.reason)
    return _checked(None)


def _precondition() -> Precondition[Connection]:
    return read_precondition(lambda connection: etag(connection.revision))


def _check_scopes(change: dict[str, Any]) -> None:
    if "scopes" in change and "openid" not in change["scopes"]:
        raise BadConnection("scopes", "`openid` must be among them.")


def _checked(problem: str | None) -> Response:
    return json_response({"usable": problem is None, "problem": problem})


def _view(connection: Connection) -> dict[str, Any]:
    shown = {name: value for name, value in vars(connection).items() if name not in HIDDEN}
    return shown | {
        "confidential": connection.client_secret_sealed is not None,
        "sign_in_path": f"/api/auth/sso/{connection.id}/start",
        "redirect_uri": g.deps.public_address.redirect_uri(connection.id),
    }


def _added(connection: Connection) -> Response:
    return _answer(connection, 201, {"Location": f"/api/sso/connections/{connection.id}"})


def _answer(connection: Connection, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    return json_response(_view(connection), status, {"ETag": etag(connection.revision), **headers})
