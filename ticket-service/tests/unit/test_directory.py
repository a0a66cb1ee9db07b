"""How responses of routing-service and auth-service are interpreted."""

from typing import Any, NamedTuple

import orjson
import pytest
from service_kit.http_client import UpstreamTimeout, UpstreamUnavailable
from ticket_service.adapters.directory import HttpDirectory
from ticket_service.domain.teams import Team

NETWORK = Team(7, "Network", "IT Support")


class Reply(NamedTuple):
    status: int
    body: bytes


class ServiceClient:
    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.paths: list[str] = []

    def request(self, _method: str, path: str, **_: Any) -> Reply:
        self.paths.append(path)
        if isinstance(self.reply, Exception):
            raise self.reply
        status, body = self.reply
        return Reply(status, body if isinstance(body, bytes) else orjson.dumps(body))


class Signer:
    def sign(self, *_: Any) -> str:
        return "token"


def directory(neighbour: ServiceClient) -> HttpDirectory:
    return HttpDirectory(neighbour, neighbour, Signer(), "ticket-service")  # type: ignore[arg-type]


SILENCE = [
    UpstreamUnavailable("routing-service", "refused"), UpstreamTimeout("routing-service", 1.0), (401, {}), (503, {}),
    (200, b"<html>"), (200, []), (200, {}), (200, None),
]  # fmt: skip


@pytest.mark.parametrize("reply", SILENCE[:-1])
def test_the_replica_decides_while_the_owner_is_unavailable(reply: Any) -> None:
    assert directory(ServiceClient(reply)).takes_tickets(1, "HR") is None
    assert directory(ServiceClient(reply)).team(1, NETWORK) == NETWORK


@pytest.mark.parametrize(
    ("reply", "takes"),
    [
        ((404, {}), False),
        ((200, {"name": "HR", "is_active": True}), True),
        ((200, {"name": "HR", "is_active": False}), False),
        ((200, {"name": "hr", "is_active": True}), False),
    ],
)
def test_the_owner_decides_whether_a_department_takes_tickets(reply: Any, takes: bool) -> None:
    assert directory(ServiceClient(reply)).takes_tickets(1, "HR") is takes


@pytest.mark.parametrize(
    ("reply", "team"),
    [
        ((404, {}), None),
        ((200, {"name": "Network", "department": None, "is_active": False}), None),
        ((200, {"name": "Networks", "department": "HR", "is_active": True}), Team(7, "Networks", "HR")),
    ],
)
def test_a_team_is_as_its_owner_returns_it(reply: Any, team: Team | None) -> None:
    assert directory(ServiceClient(reply)).team(1, NETWORK) == team


@pytest.mark.parametrize("name", ["R&D / Lab", "Büro?", "..", "a%2Fb", "A\\B"])
def test_any_name_stays_one_part_of_the_address(name: str) -> None:
    neighbour = ServiceClient((404, {}))
    directory(neighbour).takes_tickets(1, name)
    assert neighbour.paths[0].count("/") == 3
    assert not set("?# ") & set(neighbour.paths[0])
