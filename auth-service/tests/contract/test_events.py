"""The events that this service publishes are those of the topology; `published` checks each against its contract."""

from ..conftest import CONTRACTS, Api, People, Published
from ..credentials import user_id


def test_published_events_match_the_topology(api: Api, people: People, published: Published) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    api.call("POST", f"{path}/members", {"email": "ann@example.com", "name": "Ann", "role": "lead"})
    api.call("DELETE", path)
    api.call("PATCH", "/api/companies/1", {"auto_assign": False})
    user = api.call("POST", "/api/users", {"email": "ben@example.com", "username": "Ben", "role": "agent"}).json["id"]
    assert api.call("POST", "/api/auth/password/forgot", {"email": "ben@example.com"}).status_code == 202
    api.call("POST", "/api/invitations", {"email": "cem@example.com", "role": "agent"})
    api.call("PATCH", f"/api/users/{user}", {"role": "manager"})
    api.call("DELETE", f"/api/users/{user}")
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    ada.call("POST", "/api/me/email", {"email": "ada@new.example", "password": People.PASSWORD})
    token = ada.call("POST", f"/api/users/{user_id(ada)}/email-verification").json["token"]
    assert people.post("/api/auth/email/confirm", {"token": token}).status_code == 204
    other = Api(api.client, company=3)
    other.get("/api/companies")
    assert other.send("DELETE", "/api/companies/3", query_string={"confirm": "Company 3"}).status_code == 202
    events = published("%")
    assert {event["event"] for event in events} == CONTRACTS.published_by("auth-service")
    # A deleted team is not active, but still lists its members.
    (deleted,) = published("team.deleted")
    assert (deleted["is_active"], len(deleted["members"])) == (False, 1)
