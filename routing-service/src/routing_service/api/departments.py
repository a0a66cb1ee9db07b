"""`/api/departments`."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from routing_service.api.fields import Flag, description, new_name
from routing_service.domain.departments import Department
from routing_service.usecases import change_departments, seed_departments

departments = Blueprint("departments", __name__, description="Departments of a company.")


class NewDepartment(Schema):
    """A department to add."""

    name = new_name()
    description = description(load_default="")
    is_active = Flag(load_default=True)


class DepartmentChange(Schema):
    """The fields to change; omitted fields stay."""

    description = description()
    is_active = Flag()


class DepartmentView(Schema):
    """A department."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    created_at = fields.DateTime(required=True)


class DepartmentPage(PageView):
    """A page of a company's departments, the oldest first."""

    departments = fields.List(fields.Nested(DepartmentView), required=True)


@departments.get("/api/departments")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@departments.arguments(PageQuery, location="query")
@departments.response(200, DepartmentPage)
def list_departments(query: dict[str, Any]) -> Response:
    """List the company's departments, the oldest first."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = seed_departments.page_of_departments(
        g.session, g.caller.company_id, g.cause, after=after[0] if after else 0, limit=limit + 1
    )
    body, headers = page(rows, limit, lambda row: (row.id,), "departments", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@departments.post("/api/departments")
@allowed(ADMIN)
@departments.arguments(NewDepartment, example={"name": "Legal", "description": "Contracts, privacy and claims"})
@departments.response(201, DepartmentView)
def add_department(new: dict[str, Any]) -> Response:
    """Add a department."""
    idempotency_key = read_idempotency_key(_added)
    return _added(
        change_departments.add_department(
            g.session, g.caller.company_id, **new, cause=g.cause, idempotency_key=idempotency_key
        )
    )


@departments.get("/api/departments/<path:name>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@departments.response(200, DepartmentView)
def get_department(name: str) -> Response:
    """Show one department."""
    return _answer(change_departments.get_department(g.session, g.caller.company_id, name, g.cause))


@departments.put("/api/departments/<path:name>")
@allowed(ADMIN)
@conditional
@departments.arguments(DepartmentChange, example={"description": "Contracts, privacy, claims and licences"})
@departments.response(200, DepartmentView)
def change_department(change: dict[str, Any], name: str) -> Response:
    """Change a department's description, or whether it takes tickets."""
    changed = change_departments.change_department(
        g.session,
        g.caller.company_id,
        name,
        description=change.get("description"),
        is_active=change.get("is_active"),
        precondition=_precondition(),
        cause=g.cause,
    )
    return _answer(changed)


@departments.delete("/api/departments/<path:name>")
@allowed(ADMIN)
@conditional
@departments.response(204)
def delete_department(name: str) -> Response:
    """Delete a department that no ticket is routed to."""
    change_departments.delete_department(
        g.session, g.caller.company_id, name, precondition=_precondition(), cause=g.cause
    )
    return Response(status=204)


def _precondition() -> Precondition[Department]:
    return read_precondition(lambda department: etag(department.revision))


def _added(department: Department) -> Response:
    return _answer(department, 201, {"Location": f"/api/departments/{quote(department.name, safe='')}"})


def _answer(department: Department, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    return json_response(_view(department), status, {"ETag": etag(department.revision), **headers})


def _view(department: Department) -> dict[str, Any]:
    return {
        "id": department.id,
        "name": department.name,
        "description": department.description,
        "is_active": department.is_active,
        "created_at": department.created_at,
    }
