"""The events that this service publishes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from eventbus.event import Event
from eventbus.wire import rfc3339
from service_kit.telemetry.cause import Cause

from auth_service.domain.company import Company
from auth_service.domain.invitation import Invitation
from auth_service.domain.team import Member, Team
from auth_service.domain.user import User


def company_created(company: Company, cause: Cause) -> Event:
    """Return `company.created`."""
    return _company("company.created", company, cause)


def company_updated(company: Company, cause: Cause) -> Event:
    """Return `company.updated` for a new name, description or automation setting."""
    return _company("company.updated", company, cause)


def company_deleted(company: Company, now: datetime, actor: str, cause: Cause) -> Event:
    """Return `company.deleted` with the company's last revision."""
    return Event(
        type="company.deleted",
        subject=f"company:{company.company_id}",
        company_id=company.company_id,
        revision=company.revision + 1,
        cause=cause,
        body={"company_id": company.company_id, "deleted_at": rfc3339(now), "actor": actor},
    )


def team_created(team: Team, cause: Cause) -> Event:
    """Return `team.created`."""
    return _team("team.created", team, team.revision, team.is_active, team.updated_at, cause)


def team_updated(team: Team, user_ids: Mapping[str, int], cause: Cause) -> Event:
    """Return `team.updated` for a changed team or changed members; `user_ids` has those of members with an account."""
    return _team("team.updated", team, team.revision, team.is_active, team.updated_at, cause, user_ids)


def team_deleted(team: Team, now: datetime, cause: Cause) -> Event:
    """Return `team.deleted` with the team's last revision; its row is deleted."""
    return _team("team.deleted", team, team.revision + 1, False, now, cause)


def user_created(user: User, cause: Cause) -> Event:
    """Return `user.created`."""
    return _user("user.created", user, user.revision, user.is_active, user.updated_at, cause)


def user_updated(user: User, cause: Cause) -> Event:
    """Return `user.updated` for a user with another address, name, role, activity, password or preferences."""
    return _user("user.updated", user, user.revision, user.is_active, user.updated_at, cause)


def user_deleted(user: User, now: datetime, cause: Cause) -> Event:
    """Return `user.deleted` with the user's last revision; the row is deleted."""
    return _user("user.deleted", user, user.revision + 1, False, now, cause)


def _company(kind: str, company: Company, cause: Cause) -> Event:
    return Event(
        type=kind,
        subject=f"company:{company.company_id}",
        company_id=company.company_id,
        revision=company.revision,
        cause=cause,
        body={
            "company_id": company.company_id,
            "name": company.name,
            "description": company.description,
            "auto_categorize": company.auto_categorize,
            "auto_prioritize": company.auto_prioritize,
            "auto_assign": company.auto_assign,
            "created_at": rfc3339(company.created_at),
            "updated_at": rfc3339(company.updated_at),
        },
    )


def _team(
    kind: str,
    team: Team,
    revision: int,
    is_active: bool,
    updated_at: datetime,
    cause: Cause,
    user_ids: Mapping[str, int] = MappingProxyType({}),
) -> Event:
    return Event(
        type=kind,
        subject=f"team:{team.company_id}:{team.id}",
        company_id=team.company_id,
        revision=revision,
        cause=cause,
        body={
            "company_id": team.company_id,
            "team_id": team.id,
            "name": team.name,
            "description": team.description,
            "is_active": is_active,
            "department": team.department,
            "members": [_member(member, user_ids.get(member.email)) for member in team.members],
            "created_at": rfc3339(team.created_at),
            "updated_at": rfc3339(updated_at),
        },
    )


def _member(member: Member, user_id: int | None) -> dict[str, Any]:
    return vars(member) if user_id is None else vars(member) | {"user_id": user_id}


def password_reset_requested(user: User, request_id: UUID, cause: Cause) -> Event:
    """Return `user.password.reset.requested`. It holds no token: events are stored and read in many places."""
    return _link_requested("user.password.reset.requested", f"password-reset:{request_id}", user, cause)


def email_verification_requested(user: User, email: str, request_id: UUID, cause: Cause) -> Event:
    """Return `user.email.verification.requested` for the address that a user asks for. It holds no token."""
    subject = f"email-verification:{request_id}"
    return _link_requested("user.email.verification.requested", subject, user, cause, email=email)


def _link_requested(kind: str, subject: str, user: User, cause: Cause, **more: str) -> Event:
    """Return the event of a person's wish for a link; each is a subject of its own, and has one event."""
    return Event(
        type=kind,
        subject=subject,
        company_id=user.company_id,
        revision=1,
        cause=cause,
        body={"company_id": user.company_id, "user_id": user.id, "requested_at": rfc3339(datetime.now(UTC)), **more},
    )


def email_changed(before: User, after: User, change_id: UUID, cause: Cause) -> Event:
    """Return `user.email.changed`, by which the old address hears of the new one."""
    return Event(
        type="user.email.changed",
        subject=f"email-change:{change_id}",
        company_id=after.company_id,
        revision=1,
        cause=cause,
        body={
            "company_id": after.company_id,
            "user_id": after.id,
            "old_email": before.email,
            "old_email_confirmed": before.email_confirmed,
            "new_email": after.email,
            "changed_at": rfc3339(after.updated_at),
        },
    )


def user_invited(invitation: Invitation, company: Company, inviter_email: str | None, cause: Cause) -> Event:
    """Return `user.invited`. It holds no token: events are stored and read in many places.

    `inviter_email` is an address that the inviter has confirmed, None without one.
    """
    return Event(
        type="user.invited",
        subject=f"invitation:{invitation.id}",
        company_id=invitation.company_id,
        revision=1,
        cause=cause,
        body={
            "company_id": invitation.company_id,
            "invitation_id": invitation.id,
            "email": invitation.email,
            "role": invitation.role,
            "company_name": company.name,
            "invited_by": invitation.invited_by,
            "inviter_email": inviter_email,
            "invited_at": rfc3339(invitation.created_at),
            "expires_at": rfc3339(invitation.expires_at),
        },
    )


def _user(kind: str, user: User, revision: int, is_active: bool, updated_at: datetime, cause: Cause) -> Event:
    return Event(
        type=kind,
        subject=user.subject,
        company_id=user.company_id,
        revision=revision,
        cause=cause,
        body={
            "company_id": user.company_id,
            "user_id": user.id,
            "email": user.email,
            "username": user.username,
            "role": user.role,
            "is_active": is_active,
            "email_confirmed": user.email_confirmed,
            "created_at": rfc3339(user.created_at),
            "updated_at": rfc3339(updated_at),
        },
    )
