"""`/api/me`: who the caller is, and the caller's own name and preferences."""

from typing import Any

import orjson
from flask import Response, g
from marshmallow import Schema, ValidationError, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional
from service_kit.http.problems import Unauthorized
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE, Caller

from auth_service.api.fields import Username
from auth_service.api.users import precondition, tagged
from auth_service.domain.company import Company
from auth_service.domain.user import User, UserNotFound, user_id_of
from auth_service.store import users
from auth_service.usecases import change_users
from auth_service.usecases.change_companies import get_company

MAX_PREFERENCES_BYTES = 16 * 1024

me = Blueprint("me", __name__, description="The caller.")


class Preferences(fields.Dict):
    """A JSON object that programs store for a person."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        deserialize: Any = super()._deserialize
        loaded: dict[str, Any] = deserialize(value, attr, data, **kwargs)
        if len(orjson.dumps(loaded)) > MAX_PREFERENCES_BYTES:
            raise ValidationError(f"Larger than {MAX_PREFERENCES_BYTES // 1024} KB.")
        return loaded


class OwnChange(Schema):
    """The fields to change; omitted fields stay. `preferences` replaces all of them."""

    username = Username()
    preferences = Preferences(keys=fields.String())


class OwnCompany(Schema):
    """The caller's company."""

    company_id = fields.Integer(required=True)
    name = fields.String(required=True)


class MeView(Schema):
    """The caller. A caller that is no user of the company, such as development mode, has no id and no address."""

    id = fields.Integer(required=True, allow_none=True)
    subject = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    email_verified = fields.Boolean(required=True)
    email_confirmed = fields.Boolean(
        required=True, metadata={"description": "Whether the caller has proved to receive mail at the address."}
    )
    username = fields.String(required=True)
    role = fields.String(required=True)
    rights = fields.List(fields.String(), required=True)
    company = fields.Nested(OwnCompany, required=True)
    preferences = fields.Dict(required=True)
    session_id = fields.String(required=True, allow_none=True)
    last_login_at = fields.DateTime(required=True, allow_none=True)


@me.get("/api/me")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@me.response(200, MeView)
def get_me() -> Response:
    """Show who the caller is, with rights and preferences."""
    caller: Caller = g.caller
    user_id = user_id_of(caller.subject)
    user = None if user_id is None else users.find(g.session, caller.company_id, user_id)
    g.session.rollback()
    company = get_company(g.session, caller.company_id, g.cause)
    if user_id is not None and user is None:
        raise Unauthorized("The user of this token exists no longer.")
    return _answer(company, user)


@me.patch("/api/me")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@conditional
@me.arguments(OwnChange, example={"preferences": {"language": "de"}})
@me.response(200, MeView)
def patch_me(change: dict[str, Any]) -> Response:
    """Change the caller's own name and preferences."""
    caller: Caller = g.caller
    user_id = user_id_of(caller.subject)
    if user_id is None:
        raise UserNotFound
    user = change_users.change_user(
        g.session, caller.company_id, user_id, change, precondition=precondition(), cause=g.cause
    )
    return _answer(get_company(g.session, caller.company_id, g.cause), user)


def _answer(company: Company, user: User | None) -> Response:
    caller: Caller = g.caller
    rights = g.deps.rights[caller.role]
    body = {
        "id": user.id if user else None,
        "subject": caller.subject,
        "email": user.email if user else None,
        "email_verified": user.email_verified if user else False,
        "email_confirmed": user.email_confirmed if user else False,
        "username": user.username if user else caller.name,
        "role": caller.role,
        "rights": [right for right in rights if caller.scopes is None or right in caller.scopes],
        "company": {"company_id": company.company_id, "name": company.name},
        "preferences": user.preferences if user else {},
        "session_id": caller.session or None,
        "last_login_at": user.last_login_at if user else None,
    }
    return tagged(body, user.revision) if user else json_response(body)
