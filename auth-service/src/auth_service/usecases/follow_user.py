"""Let the teams of a company follow a user who gets another name or address, or is deleted.

Teams know their members by address. `team.updated` tells the other services.
"""

from dataclasses import replace

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.team import Member, without_member
from auth_service.domain.user import User
from auth_service.store import teams
from auth_service.usecases.team_events import updated_teams


def follow_user(session: Session, before: User, after: User, cause: Cause) -> None:
    """Give a user's memberships the user's new address and name, in the transaction of a locked company.

    A name that differs from the user's was chosen for the team; it stays.
    """
    old, new = before.email.lower(), after.email.lower()
    if (old, before.username) == (new, after.username):
        return
    for team in teams.with_member(session, before.company_id, old):
        names = {member.email for member in team.members}
        if new != old and new in names:
            changed = without_member(team, old)
        else:
            followed = tuple(_followed(member, old, before, after) for member in team.members)
            changed = replace(team, members=followed)
        if changed != team:
            outbox.add_all(session, updated_teams(session, [teams.change(session, changed)], cause))


def forget_user(session: Session, user: User, cause: Cause) -> None:
    """Remove a user who is deleted from all teams, in the transaction of a locked company."""
    address = user.email.lower()
    for team in teams.with_member(session, user.company_id, address):
        changed = teams.change(session, without_member(team, address))
        outbox.add_all(session, updated_teams(session, [changed], cause))


def _followed(member: Member, old: str, before: User, after: User) -> Member:
    if member.email != old:
        return member
    name = after.username if member.name == before.username else member.name
    return replace(member, email=after.email.lower(), name=name)
