"""`/api/users`: the people of the caller's company."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate, validates_schema
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.identity import ADMIN, MANAGER

from auth_service.api.fields import Flag, NewPassword, PersonEmail, Username, email_key, refuse_personal_password
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
    role = fields.String(
        load_default=None, validate=validate.OneOf(ROLES), metadata={"description": "Users of this role alone."}
    )
    is_active = fields.Boolean(
        load_default=None, metadata={"description": "Only users who may log in, or only those who may not."}
    )


class NewUserBody(Schema):
    """A person to add. Without a password, the person sets one by a reset or joins by an invitation instead."""

    email = PersonEmail(required=True)
    username = Username(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    password = NewPassword(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def check_password(self, data: dict[str, Any], **_options: Any) -> None:
        """Raise ValidationError for a password made of the address or the name."""
        refuse_personal_password(data)


class UserChange(Schema):
    """The fields to change; omitted fields stay."""

    username = Username()
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
    email_confirmed = fields.Boolean(
        required=True, metadata={"description": "Whether the person has proved to receive mail at the address."}
    )
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
    encoded = None
    if password is not None:
        company = change_users.name_of_company(g.session, g.caller.company_id)
        encoded = g.deps.passwords.hash(password, personal=(body["email"], body["username"], company))
    new = NewUser(
        email=body["email"],
        email_key=email_key(body["email"]),
        username=body["username"],
        password_hash=encoded,
    )
    return _added(
        change_users.add_user(
            g.session,
            g.caller.company_id,
            new,
            body["role"],
            taken=g.deps.taken_addresses,
            address=client_address(),
            cause=g.cause,
            idempotency_key=idempotency_key,
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
@conditional
@users.arguments(UserChange, example={"role": "manager"})
@users.response(200, UserView)
def patch_user(change: dict[str, Any], user_id: int) -> Response:
    """Change a user. Another role and deactivation end the user's sessions."""
    return _answer(
        change_users.change_user(
            g.session, g.caller.company_id, user_id, change, precondition=precondition(), cause=g.cause
        )
    )


@users.delete("/api/users/<int:user_id>")
@allowed(ADMIN)
@conditional
@users.response(204)
def delete_user(user_id: int) -> Response:
    """Delete a user with all sessions."""
    change_users.delete_user(g.session, g.caller.company_id, user_id, precondition=precondition(), cause=g.cause)
    return Response(status=204)


def user_view(user: User) -> dict[str, Any]:
    """Return a user for a response."""
    return {name: value for name, value in vars(user).items() if name not in HIDDEN}


def precondition() -> Precondition[User]:
    """Return the request's precondition about a user. A login changes what is shown, but makes no change stale."""
    return read_precondition(lambda user: etag(user.revision))


def tagged(body: dict[str, Any], revision: int, status: int = 200) -> Response:
    """Return a response about a user with its tag: the revision, and a digest for what changes without it."""
    response = json_response(body, status)
    response.headers["ETag"] = etag(revision, response.get_data())
    return response


def _added(user: User) -> Response:
    response = _answer(user, 201)
    response.headers["Location"] = f"/api/users/{user.id}"
    return response


def _answer(user: User, status: int = 200) -> Response:
    return tagged(user_view(user), user.revision, status)
