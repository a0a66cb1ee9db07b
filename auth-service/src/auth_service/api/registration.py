"""`/api/auth/register`: found a company, or join one by invitation."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validates_schema
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.idempotency import IdempotencyKey, read_idempotency_key
from service_kit.http.policy import public
from service_kit.http.text import name_field
from service_kit.identity import REQUESTER, Caller

from auth_service.api.companies import CompanyView
from auth_service.api.fields import (
    MAX_COMPANY_NAME_CHARACTERS,
    NewPassword,
    PersonEmail,
    Username,
    email_key,
    personal_texts,
    refuse_personal_password,
)
from auth_service.api.users import UserView, user_view
from auth_service.usecases.change_users import NewUser
from auth_service.usecases.register import Registered, Registration

registration = Blueprint("registration", __name__, description="Registration of companies and of invited people.")


class RegistrationBody(Schema):
    """A person who founds a company (`company` is its name) or joins one (`invitation` is the token received)."""

    email = PersonEmail(required=True)
    username = Username(required=True)
    password = NewPassword(required=True)
    company = name_field(MAX_COMPANY_NAME_CHARACTERS)
    invitation = fields.String()

    @validates_schema(skip_on_field_errors=False)
    def check_password(self, data: dict[str, Any], **_options: Any) -> None:
        """Raise ValidationError for a password made of the address, the name or the company's name."""
        refuse_personal_password(data)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def check_way(self, _data: dict[str, Any], original: Any, **_options: Any) -> None:
        """Raise ValidationError unless exactly one of `company` and `invitation` is given."""
        if ("company" in original) == ("invitation" in original):
            raise ValidationError("Either a company's name or an invitation is needed, not both.", "company")


class RegisteredView(Schema):
    """A registered person and the company."""

    user = fields.Nested(UserView, required=True)
    company = fields.Nested(CompanyView, required=True)


@registration.post("/api/auth/register")
@public
@registration.arguments(
    RegistrationBody,
    example={
        "email": "ada@company.example",
        "username": "Ada",
        "password": "seven small blue boats",
        "company": "Company Ltd",
    },
)
@registration.response(201, RegisteredView)
def register(body: dict[str, Any]) -> Response:
    """Found a company and become its admin, or join the company of an invitation; then log in."""
    deps = g.deps
    registration = Registration(
        deps.database,
        deps.taken_addresses,
        deps.open_registration,
        deps.operator_company_id,
        _idempotency_key,
    )
    new = NewUser(
        email=body["email"],
        email_key=email_key(body["email"]),
        username=body["username"],
        # Before anything is looked up: a known and an unknown address take equally long.
        password_hash=deps.passwords.hash(body["password"], personal=personal_texts(body)),
    )
    if "company" in body:
        return _registered(registration.found(body["company"], new, address=client_address(), cause=g.cause))
    return _registered(registration.join(body["invitation"], new, address=client_address(), cause=g.cause))


def _idempotency_key(company_id: int) -> IdempotencyKey[Registered]:
    # Keys belong to a company and a caller. Before a registration there is neither, so the row names no real caller.
    g.caller = Caller(company_id, REQUESTER, "registration", "")
    return read_idempotency_key(_registered, confidential=g.deps.confidential)


def _registered(registered: Registered) -> Response:
    return json_response({"user": user_view(registered.user), "company": vars(registered.company)}, 201)
