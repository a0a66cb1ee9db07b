"""`/api/users`: the people of the caller's company."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.email import Email
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import etag, if_match
from service_kit.identity import ADMIN, MANAGER

from auth_service.api.fields import MAX_USERNAME_CHARACTERS, Flag, email_key, name_field
from auth_service.domain.user import ROLES, User
from auth_service.store import users as store
from auth_service.usecases import change_users
from auth_service.usecases.change_users import NewUser

MAX_SEARCH_CHARACTERS = 254
HIDDEN = {"company_id", "password_version", "preferences"}

users = Blueprint("users", __name__, description="The people of a company.")


class UserQuery(PageQuery):
    """The filters of a list of users."""

    q = fields.String(
        load_default=None,
        validate=validate.Length(1, MAX_SEARCH_CHARACTERS),
        metadata={"description": "A part of the name or of the address, in any case."},
    )
    role = fields.String(load_default=None, validate=validate.OneOf(ROLES))
    is_active = fields.Boolean(load_default=None)


class NewUserBody(Schema):
    """A person to add. Without a password, the person sets one by a reset or joins by an invitation instead."""

    email = Email(required=True)
    username = name_field(MAX_USERNAME_CHARACTERS, required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    password = fields.String(load_default=None, allow_none=True)


class UserChange(Schema):
    """The fields to change; omitted fields stay."""

    username = name_field(MAX_USERNAME_CHARACTERS)
    role = fields.String(validate=validate.OneOf(ROLES))
    is_active = Flag()


class UserView(Schema):
    """A person of the company."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    username = fields.String(required=True)
    role = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    email_verified = fields.Boolean(required=True)
    revision = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    last_login_at = fields.DateTime(required=True, allow_none=True)


class UserPage(PageView):
    """A page of a company's users, the oldest first."""

    items = fields.List(fields.Nested(UserView), required=True)


@users.get("/api/users")
@allowed(MANAGER, ADMIN)
@users.arguments(UserQuery, location="query")
@users.response(200, UserPage)
def list_users(query: dict[str, Any]) -> Response:
    """List the company's users, the oldest first."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(
        g.session,
        g.caller.company_id,
        after=after[0] if after else 0,
        limit=query["limit"] + 1,
        search=query["q"],
        role=query["role"],
        is_active=query["is_active"],
    )
    body, headers = page(rows, query["limit"], lambda user: (user.id,), "items", [user_view(user) for user in rows])
    return json_response(body, headers=headers)


@users.post("/api/users")
@allowed(ADMIN)
@users.arguments(NewUserBody, example={"email": "ben@company.example", "username": "Ben", "role": "agent"})
@users.response(201, UserView)
def add_user(body: dict[str, Any]) -> Response:
    """Add a user."""
    # The body may hold a password: what is kept of it must not help to guess it.
    idempotency_key = read_idempotency_key(_added, confidential=g.deps.confidential)
    password = body["password"]
    new = NewUser(
        email=body["email"],
        email_key=email_key(body["email"]),
        username=body["username"],
        password_hash=None if password is None else g.deps.passwords.hash(password),
    )
    return _added(
        change_users.add_user(
            g.session, g.caller.company_id, new, body["role"], cause=g.cause, idempotency_key=idempotency_key
        )
    )


@users.get("/api/users/<int:user_id>")
@allowed(MANAGER, ADMIN)
@users.response(200, UserView)
def get_user(user_id: int) -> Response:
    """Show one user."""
    return _answer(change_users.get_user(g.session, g.caller.company_id, user_id))


@users.patch("/api/users/<int:user_id>")
@allowed(ADMIN)
@users.arguments(UserChange, example={"role": "manager"})
@users.response(200, UserView)
def patch_user(change: dict[str, Any], user_id: int) -> Response:
    """Change a user. Another role and deactivation end the user's sessions."""
    return _answer(
        change_users.change_user(g.session, g.caller.company_id, user_id, change, if_match=if_match(), cause=g.cause)
    )


@users.delete("/api/users/<int:user_id>")
@allowed(ADMIN)
@users.response(204)
def delete_user(user_id: int) -> Response:
    """Delete a user with all sessions."""
    change_users.delete_user(g.session, g.caller.company_id, user_id, if_match=if_match(), cause=g.cause)
    return Response(status=204)


def user_view(user: User) -> dict[str, Any]:
    """Return a user for a response."""
    return {name: value for name, value in vars(user).items() if name not in HIDDEN}


def _added(user: User) -> Response:
    return _answer(user, 201)


def _answer(user: User, status: int = 200) -> Response:
    return json_response(user_view(user), status, {"ETag": etag(user.revision)})
