"""`/api/api-keys`: keys by which programs act for a person, within scopes."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.reservation import reads
from service_kit.http.text import name_field
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from auth_service.adapters.scopes import grantable_scopes
from auth_service.api.callers import person
from auth_service.domain.api_key import DEFAULT_DAYS, MAX_DAYS, ApiKey, NewApiKey
from auth_service.domain.user import subject_of
from auth_service.store import api_keys as store
from auth_service.usecases import api_keys as usecases

MAX_KEY_NAME_CHARACTERS = 100
MAX_SCOPES = 100
MAX_SCOPE_CHARACTERS = 100

api_keys = Blueprint("api-keys", __name__, description="Keys by which programs act for a person.")


class NewApiKeyBody(Schema):
    """A key to make."""

    name = name_field(MAX_KEY_NAME_CHARACTERS, required=True)
    scopes = fields.List(
        fields.String(validate=validate.Length(1, MAX_SCOPE_CHARACTERS)),
        required=True,
        validate=validate.Length(1, MAX_SCOPES),
        metadata={"description": "What the key may do: `tickets:read`, `tickets:write` …"},
    )
    expires_in_days = fields.Integer(
        load_default=DEFAULT_DAYS,
        strict=True,
        validate=validate.Range(1, MAX_DAYS),
        metadata={"description": f"{DEFAULT_DAYS} without it."},
    )


class ApiKeyView(Schema):
    """An API key without its secret."""

    id = fields.String(required=True, metadata={"description": "The first part of the key, after `stk_`."})
    user_id = fields.Integer(required=True, metadata={"description": "Whose rights it has."})
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    created_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    last_used_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "To the minute."})


class NewApiKeyView(ApiKeyView):
    """A new API key with its secret."""

    key = fields.String(required=True, metadata={"description": "The key itself; no later response shows it."})


class ApiKeyPage(PageView):
    """A page of valid keys, the oldest first."""

    items = fields.List(fields.Nested(ApiKeyView), required=True)


class PresentedKey(Schema):
    """A key that a client presented."""

    key = fields.String(required=True)


class KeyOwnerView(Schema):
    """The person whose rights a key has, and the scopes that limit them."""

    key_id = fields.String(required=True)
    key_name = fields.String(required=True)
    company_id = fields.Integer(required=True)
    subject = fields.String(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    expires_at = fields.DateTime(required=True)


@api_keys.get("/api/api-keys")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@api_keys.arguments(PageQuery, location="query")
@api_keys.response(200, ApiKeyPage)
def list_api_keys(query: dict[str, Any]) -> Response:
    """List the caller's valid keys; those of the whole company for managers and admins."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(
        g.session,
        g.caller.company_id,
        user_id=_only_of(),
        after=after[0] if after else 0,
        limit=query["limit"] + 1,
    )
    body, headers = page(rows, query["limit"], lambda row: (row.number,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@api_keys.post("/api/api-keys")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@api_keys.arguments(NewApiKeyBody, example={"name": "Nightly export", "scopes": ["tickets:read"]})
@api_keys.response(201, NewApiKeyView)
def add_api_key(new: dict[str, Any]) -> Response:
    """Make a key. The response is the only one that shows it."""
    made = usecases.make_api_key(
        g.session,
        g.caller.company_id,
        person(),
        name=new["name"],
        scopes=new["scopes"],
        known_scopes=grantable_scopes(g.deps.rights),
        days=new["expires_in_days"],
        idempotency_key=read_idempotency_key(_made, confidential=g.deps.confidential),
    )
    return _made(made)


@api_keys.delete("/api/api-keys/<string:key_id>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@api_keys.response(204)
def delete_api_key(key_id: str) -> Response:
    """Revoke a key: the caller's own, or any of the company for managers and admins."""
    usecases.revoke_api_key(g.session, g.caller.company_id, key_id, user_id=_only_of())
    return Response(status=204)


@api_keys.post("/internal/api-keys/verify")
@allowed(SERVICE)
@reads
@api_keys.arguments(PresentedKey, example={"key": "stk_0a1B2c3D_0123456789abcdefghijABCDEFGHIJ0100000A"})
@api_keys.response(200, KeyOwnerView)
def verify_api_key(presented: dict[str, Any]) -> Response:
    """Return the owner of a key, for the gateway; 404 for a key that isn't valid, whatever the reason."""
    owner = usecases.verify_api_key(g.deps.database, presented["key"])
    shown = {name: value for name, value in vars(owner).items() if name != "user_id"}
    return json_response(shown | {"subject": subject_of(owner.user_id)})


def _only_of() -> int | None:
    """Return the user whose keys the caller may see and revoke, None for all users."""
    return None if g.caller.role in (MANAGER, ADMIN) else person()


def _made(made: NewApiKey) -> Response:
    return json_response(_view(made.row) | {"key": made.key}, 201, headers={"Location": f"/api/api-keys/{made.row.id}"})


def _view(row: ApiKey) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "number"}
