"""`/api/teams`, and the members of teams."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.text import name_field
from service_kit.identity import ADMIN, AGENT, MANAGER, SERVICE

from auth_service.api.fields import (
    MAX_DEPARTMENT_CHARACTERS,
    MAX_PERSON_NAME_CHARACTERS,
    MAX_TEAM_NAME_CHARACTERS,
    Flag,
    MemberEmail,
    description,
    member_address,
    skills,
)
from auth_service.domain.team import ROLES, Member, Team, members_after
from auth_service.store import teams as store
from auth_service.usecases import change_teams

teams = Blueprint("teams", __name__, description="Teams of a company and their members.")


class NewTeam(Schema):
    """A team to add."""

    name = name_field(MAX_TEAM_NAME_CHARACTERS, required=True)
    description = description(load_default="")
    is_active = Flag(load_default=True)
    department = name_field(MAX_DEPARTMENT_CHARACTERS, load_default=None, allow_none=True)


class TeamChange(Schema):
    """The fields to change; omitted fields stay."""

    name = name_field(MAX_TEAM_NAME_CHARACTERS)
    description = description()
    is_active = Flag()
    department = name_field(MAX_DEPARTMENT_CHARACTERS, allow_none=True)


class MemberSchema(Schema):
    """A member of a team."""

    email = MemberEmail(required=True)
    name = name_field(MAX_PERSON_NAME_CHARACTERS, required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    skills = skills(load_default=())


class MemberChange(Schema):
    """The fields to change; omitted fields stay."""

    name = name_field(MAX_PERSON_NAME_CHARACTERS)
    role = fields.String(validate=validate.OneOf(ROLES))
    skills = skills()


class TeamView(Schema):
    """A team."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    department = fields.String(required=True, allow_none=True)
    members = fields.List(fields.Nested(MemberSchema), required=True)
    revision = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class TeamPage(PageView):
    """A page of a company's teams, the oldest first."""

    items = fields.List(fields.Nested(TeamView), required=True)


class MemberPage(PageView):
    """A page of a team's members, by address."""

    items = fields.List(fields.Nested(MemberSchema), required=True)


@teams.get("/api/teams")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@teams.arguments(PageQuery, location="query")
@teams.response(200, TeamPage)
def list_teams(query: dict[str, Any]) -> Response:
    """List the company's teams, the oldest first."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda team: (team.id,), "items", [_view(team) for team in rows])
    return json_response(body, headers=headers)


@teams.post("/api/teams")
@allowed(ADMIN)
@teams.arguments(NewTeam, example={"name": "Network", "description": "Cables, access points and VPN"})
@teams.response(201, TeamView)
def add_team(new: dict[str, Any]) -> Response:
    """Add a team."""
    idempotency_key = read_idempotency_key(_added)
    return _added(
        change_teams.add_team(g.session, g.caller.company_id, new, cause=g.cause, idempotency_key=idempotency_key)
    )


@teams.get("/api/teams/<int:team_id>")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@teams.response(200, TeamView)
def get_team(team_id: int) -> Response:
    """Show one team."""
    return _answer(change_teams.get_team(g.session, g.caller.company_id, team_id))


@teams.patch("/api/teams/<int:team_id>")
@allowed(ADMIN)
@conditional
@teams.arguments(TeamChange, example={"description": "Cables, access points, VPN and firewalls"})
@teams.response(200, TeamView)
def patch_team(change: dict[str, Any], team_id: int) -> Response:
    """Change a team."""
    return _change(change, team_id)


@teams.put("/api/teams/<int:team_id>")
@allowed(ADMIN)
@conditional
@teams.arguments(TeamChange, example={"description": "Cables, access points, VPN and firewalls"})
@teams.response(200, TeamView)
def put_team(change: dict[str, Any], team_id: int) -> Response:
    """Change a team, as PATCH does."""
    return _change(change, team_id)


@teams.delete("/api/teams/<int:team_id>")
@allowed(ADMIN)
@conditional
@teams.response(204)
def delete_team(team_id: int) -> Response:
    """Delete a team."""
    change_teams.delete_team(g.session, g.caller.company_id, team_id, precondition=_precondition(), cause=g.cause)
    return Response(status=204)


@teams.get("/api/teams/<int:team_id>/members")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@teams.arguments(PageQuery, location="query")
@teams.response(200, MemberPage)
def list_members(query: dict[str, Any], team_id: int) -> Response:
    """List a team's members by address."""
    after = decode_cursor(query["cursor"], (str,))
    team = change_teams.get_team(g.session, g.caller.company_id, team_id)
    rows = members_after(team, after[0] if after else "")
    body, headers = page(rows, query["limit"], lambda member: (member.email,), "items", [vars(row) for row in rows])
    return json_response(body, headers=headers | {"ETag": etag(team.revision), **headers})


@teams.post("/api/teams/<int:team_id>/members")
@allowed(MANAGER, ADMIN)
@conditional
@teams.arguments(MemberSchema, example={"email": "ann@company.example", "name": "Ann", "role": "agent"})
@teams.response(201, MemberSchema)
def add_member(new: dict[str, Any], team_id: int) -> Response:
    """Add a member to a team; `If-Match` names the team's ETag."""
    added = change_teams.add_member(
        g.session,
        g.caller.company_id,
        team_id,
        Member(**new),
        precondition=_precondition(),
        cause=g.cause,
        idempotency_key=read_idempotency_key(_joined),
    )
    return _joined(added)


@teams.patch("/api/teams/<int:team_id>/members/<string:email>")
@allowed(MANAGER, ADMIN)
@conditional
@teams.arguments(MemberChange, example={"skills": ["French", "Networks"]})
@teams.response(200, MemberSchema)
def change_member(change: dict[str, Any], team_id: int, email: str) -> Response:
    """Change a member of a team; `If-Match` names the team's ETag."""
    address = member_address(email)
    changed = change_teams.change_member(
        g.session, g.caller.company_id, team_id, address, change, precondition=_precondition(), cause=g.cause
    )
    (member,) = (each for each in changed.members if each.email == address)
    return json_response(vars(member), headers={"ETag": etag(changed.revision)})


@teams.delete("/api/teams/<int:team_id>/members/<string:email>")
@allowed(MANAGER, ADMIN)
@conditional
@teams.response(204)
def remove_member(team_id: int, email: str) -> Response:
    """Remove a member from a team; `If-Match` names the team's ETag."""
    change_teams.remove_member(
        g.session,
        g.caller.company_id,
        team_id,
        member_address(email),
        precondition=_precondition(),
        cause=g.cause,
    )
    return Response(status=204)


def _change(change: dict[str, Any], team_id: int) -> Response:
    return _answer(
        change_teams.change_team(
            g.session, g.caller.company_id, team_id, change, precondition=_precondition(), cause=g.cause
        )
    )


def _precondition() -> Precondition[Team]:
    return read_precondition(lambda team: etag(team.revision))


def _added(team: Team) -> Response:
    return _answer(team, 201, {"Location": f"/api/teams/{team.id}"})


def _answer(team: Team, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    return json_response(_view(team), status, {"ETag": etag(team.revision)})


def _joined(member: Member) -> Response:
    return json_response(vars(member), 201)


def _view(team: Team) -> dict[str, Any]:
    shown = {field: value for field, value in vars(team).items() if field != "company_id"}
    return shown | {"members": [vars(member) for member in team.members]}
