"""The contracts of events: this service publishes what they say and consumes nothing."""

import smartticket_contracts
import yaml
from auth_service.service import SERVICE
from auth_service.settings import Settings

from ..conftest import Api, Published

OWN = yaml.safe_load((smartticket_contracts.folder() / "topology.yaml").read_text(encoding="utf-8"))["services"][
    SERVICE.name
]


def test_it_consumes_nothing_as_in_the_topology(settings: Settings) -> None:
    assert SERVICE.process(settings).subscriptions() == []
    assert OWN["queues"] == {}


def test_published_events_match_the_topology(api: Api, published: Published) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    api.call("POST", f"{path}/members", {"email": "ann@example.com", "name": "Ann", "role": "lead"})
    api.call("DELETE", path)
    api.call("PATCH", "/api/companies/1", {"auto_assign": False})
    events = published("%")
    assert {event["event"] for event in events} == set(OWN["publishes"])
    # A deleted team is not active, but still lists its members.
    (deleted,) = published("team.deleted")
    assert (deleted["is_active"], len(deleted["members"])) == (False, 1)
