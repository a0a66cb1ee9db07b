"""The events that this service publishes are those of the topology; `published` checks each against its contract."""

from ..conftest import CONTRACTS, Api, Published


def test_published_events_match_the_topology(api: Api, published: Published) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    api.call("POST", f"{path}/members", {"email": "ann@example.com", "name": "Ann", "role": "lead"})
    api.call("DELETE", path)
    api.call("PATCH", "/api/companies/1", {"auto_assign": False})
    user = api.call("POST", "/api/users", {"email": "ben@example.com", "username": "Ben", "role": "agent"}).json["id"]
    assert api.call("POST", "/api/auth/password/forgot", {"email": "ben@example.com"}).status_code == 202
    api.call("PATCH", f"/api/users/{user}", {"role": "manager"})
    api.call("DELETE", f"/api/users/{user}")
    events = published("%")
    assert {event["event"] for event in events} == CONTRACTS.published_by("auth-service")
    # A deleted team is not active, but still lists its members.
    (deleted,) = published("team.deleted")
    assert (deleted["is_active"], len(deleted["members"])) == (False, 1)
