"""`/api/invitations`: invite people to the company."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from auth_service.api.fields import PersonEmail, email_key
from auth_service.domain.invitation import Invitation
from auth_service.domain.user import ROLES
from auth_service.store import invitations as store
from auth_service.usecases import invite

SHOWN = ("id", "email", "role", "invited_by", "created_at", "expires_at")

invitations = Blueprint("invitations", __name__, description="Invitations to a company.")


class NewInvitation(Schema):
    """Whom to invite, and in which role."""

    email = PersonEmail(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class InvitationView(Schema):
    """An invitation that is neither accepted nor revoked nor expired."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True)
    invited_by = fields.String(required=True, metadata={"description": "Who invited: `user:7`."})
    created_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)


class IssuedInvitation(InvitationView):
    """A new invitation. The token is shown this once; the invited person sends it to `/api/auth/register`."""

    token = fields.String(required=True)


class InvitationPage(PageView):
    """A page of a company's open invitations, the oldest first."""

    items = fields.List(fields.Nested(InvitationView), required=True)


@invitations.get("/api/invitations")
@allowed(MANAGER, ADMIN)
@invitations.arguments(PageQuery, location="query")
@invitations.response(200, InvitationPage)
def list_invitations(query: dict[str, Any]) -> Response:
    """List the company's open invitations, the oldest first."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@invitations.post("/api/invitations")
@allowed(ADMIN)
@invitations.arguments(NewInvitation, example={"email": "cem@company.example", "role": "agent"})
@invitations.response(201, IssuedInvitation)
def add_invitation(body: dict[str, Any]) -> Response:
    """Invite an address for 7 days; one that has an open invitation isn't invited again before that is revoked."""
    idempotency_key = read_idempotency_key(_issued, confidential=g.deps.confidential)
    return _issued(
        invite.invite(
            g.session,
            g.caller.company_id,
            mails=g.deps.invitation_mails,
            limits=g.deps.invitation_limits,
            email=body["email"],
            email_key=email_key(body["email"]),
            role=body["role"],
            invited_by=g.caller.subject,
            cause=g.cause,
            idempotency_key=idempotency_key,
        )
    )


@invitations.delete("/api/invitations/<int:invitation_id>")
@allowed(ADMIN)
@invitations.response(204)
def revoke_invitation(invitation_id: int) -> Response:
    """Revoke an open invitation."""
    invite.revoke(g.session, g.caller.company_id, invitation_id)
    return Response(status=204)


def _issued(issued: invite.Issued) -> Response:
    return json_response({**_view(issued.invitation), "token": issued.token}, 201)


def _view(invitation: Invitation) -> dict[str, Any]:
    return {name: getattr(invitation, name) for name in SHOWN}
