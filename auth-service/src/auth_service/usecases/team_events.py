"""Make the events of changed teams: they say which account each member has."""

from collections.abc import Sequence

from eventbus.event import Event
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.team import Team
from auth_service.events import team_updated
from auth_service.store import user_addresses


def updated_teams(session: Session, teams: Sequence[Team], cause: Cause) -> list[Event]:
    """Return `team.updated` for each of a company's teams, in the transaction of the locked company."""
    if not teams:
        return []
    emails = {member.email for team in teams for member in team.members}
    user_ids = user_addresses.ids_of(session, teams[0].company_id, emails)
    return [team_updated(team, user_ids, cause) for team in teams]
