"""`team.*`: keep a replica of each company's teams."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class Changed:
    """The fields of `team.created`, `.updated` and `.deleted` that this service uses."""

    team_id: int
    name: str
    description: str
    department: str | None
    is_active: bool


CONSUMER = replica_consumer(
    "teams",
    view=Changed,
    event_types=("team.created", "team.updated", "team.deleted"),
    queue="know-teams",
    key="team_id",
)
