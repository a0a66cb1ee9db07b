"""`/api/companies`: the caller's own company only."""

from typing import Any

from company_kit.actor import kind_of
from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.text import name_field
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from auth_service.api.fields import MAX_COMPANY_NAME_CHARACTERS, Flag, description
from auth_service.domain.company import Company
from auth_service.domain.company_deletion import Deleter
from auth_service.usecases import change_companies
from auth_service.usecases.delete_company import delete_company

companies = Blueprint("companies", __name__, description="A company and its switches.")


class CompanyChange(Schema):
    """The fields to change; omitted fields stay."""

    name = name_field(MAX_COMPANY_NAME_CHARACTERS)
    description = description()
    auto_categorize = Flag()
    auto_prioritize = Flag()
    auto_assign = Flag()


class Deletion(Schema):
    """The confirmation of a deletion."""

    confirm = fields.String(required=True, metadata={"description": "The company's name, letter by letter."})


class DeletedCompany(Schema):
    """A company whose removal has begun."""

    company_id = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["deleted"]))


class CompanyView(Schema):
    """A company."""

    company_id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    auto_categorize = fields.Boolean(required=True)
    auto_prioritize = fields.Boolean(required=True)
    auto_assign = fields.Boolean(required=True)
    revision = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class CompanyPage(PageView):
    """The companies a caller belongs to: one."""

    items = fields.List(fields.Nested(CompanyView), required=True)


@companies.get("/api/companies")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@companies.arguments(PageQuery, location="query")
@companies.response(200, CompanyPage)
def list_companies(query: dict[str, Any]) -> Response:
    """List the caller's company."""
    after = decode_cursor(query["cursor"], (int,))
    own = change_companies.get_company(g.session, g.caller.company_id, g.cause)
    rows = [own] if after is None or own.company_id > after[0] else []
    body, headers = page(rows, query["limit"], lambda company: (company.company_id,), "items", [vars(r) for r in rows])
    return json_response(body, headers=headers)


@companies.get("/api/companies/<int:company_id>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@companies.response(200, CompanyView)
def get_company(company_id: int) -> Response:
    """Show the caller's company."""
    change_companies.check_own_company(g.caller.company_id, company_id)
    return _answer(change_companies.get_company(g.session, company_id, g.cause))


@companies.patch("/api/companies/<int:company_id>")
@allowed(ADMIN)
@conditional
@companies.arguments(CompanyChange, example={"auto_prioritize": True})
@companies.response(200, CompanyView)
def patch_company(change: dict[str, Any], company_id: int) -> Response:
    """Change a company's name, description or switches."""
    return _change(change, company_id)


@companies.put("/api/companies/<int:company_id>")
@allowed(ADMIN)
@conditional
@companies.arguments(CompanyChange, example={"auto_prioritize": True})
@companies.response(200, CompanyView)
def put_company(change: dict[str, Any], company_id: int) -> Response:
    """Change a company, as PATCH does."""
    return _change(change, company_id)


@companies.delete("/api/companies/<int:company_id>")
@allowed(ADMIN)
@conditional
@companies.arguments(Deletion, location="query")
@companies.response(202, DeletedCompany)
def remove_company(query: dict[str, Any], company_id: int) -> Response:
    """Delete a company with everything of it, in all services, for good.

    Its people are shut out at once; tickets, files, knowledge and models are removed within minutes.
    """
    change_companies.check_own_company(g.caller.company_id, company_id)
    delete_company(
        g.session,
        company_id,
        name=query["confirm"],
        operator_company_id=g.deps.operator_company_id,
        by=Deleter(kind_of(g.caller), g.caller.subject, g.caller.address, g.caller.api_key),
        cause=g.cause,
        precondition=_precondition(),
    )
    return json_response({"company_id": company_id, "status": "deleted"}, 202)


def _change(change: dict[str, Any], company_id: int) -> Response:
    change_companies.check_own_company(g.caller.company_id, company_id)
    return _answer(
        change_companies.change_company(g.session, company_id, change, precondition=_precondition(), cause=g.cause)
    )


def _precondition() -> Precondition[Company]:
    return read_precondition(lambda company: etag(company.revision))


def _answer(company: Company) -> Response:
    return json_response(vars(company), headers={"ETag": etag(company.revision)})
