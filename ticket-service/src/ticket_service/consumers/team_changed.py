"""`team.created`, `.updated`, `.deleted`: keep a replica of each company's teams."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class TeamChanged:
    """The fields of `team.*` that this service uses."""

    team_id: int
    name: str
    department: str | None
    is_active: bool


CONSUMER = replica_consumer(
    "teams",
    view=TeamChanged,
    event_types=("team.created", "team.updated", "team.deleted"),
    queue="know-teams",
    key="team_id",
)
