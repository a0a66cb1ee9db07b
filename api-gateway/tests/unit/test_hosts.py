"""Under which names the gateway answers: `Host`, and targets that name scheme and host."""

from collections.abc import Callable

import pytest
from api_gateway.hosts import named_host
from werkzeug.test import Client

Make = Callable[..., Client]
SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
PRODUCTION = {"SMARTTICKET_ENV": "production", "INTERNAL_SIGNING_KEY": SEED}
LISTED = {
    **PRODUCTION,
    "PUBLIC_URL": "https://desk.example",
    "GATEWAY_HOSTS": "api-gateway, *.help.example, büro.example",
}


def ask(client: Client, host: str | None, target: str = "/api/statuses") -> int:
    environ = {"RAW_URI": target, "REQUEST_METHOD": "GET"}
    environ |= {} if host is None else {"HTTP_HOST": host}
    answer = client.get("/", environ_overrides=environ)
    if answer.status_code == 421:
        assert answer.json["code"] == "misdirected"
    return answer.status_code


OWN = [
    "desk.example", "DESK.example", "desk.example:5000", "desk.example.", "desk.example.:443", "api-gateway:5000",
    "a.help.example", "a.b.help.example:80", "xn--bro-hoa.example", "localhost", "localhost:5000", "127.0.0.1:5000",
    "[::1]:5000", "",
]  # fmt: skip
FOREIGN = [
    "evil.example", "desk.example.evil.example", "evildesk.example", "help.example", "evilhelp.example", "10.0.0.1",
    "[fd00::1]", "127.0.0.1.evil.example", "localhost.evil.example", "desk.example@evil.example",
    "evil.example@desk.example", "evil.example:desk.example", "[::1", "desk.example/..", "?",
    "desk.example, evil.example", "api-gateway.evil", "\xe4",
]  # fmt: skip


@pytest.mark.parametrize("host", OWN)
def test_the_gateway_answers_under_its_own_names(gateway: Make, host: str) -> None:
    assert ask(gateway(**LISTED), host) == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_a_request_for_another_host_is_421(gateway: Make, host: str) -> None:
    assert ask(gateway(**LISTED), host) == 421


@pytest.mark.parametrize(
    ("target", "header", "status"),
    [
        ("http://desk.example/api/statuses", "evil.example", 200),  # RFC 9112: the target counts, not `Host`
        ("https://DESK.example:443/api/statuses", "desk.example", 200),
        ("http://evil.example/api/statuses", "desk.example", 421),
        ("HTTP://evil.example/api/statuses", "desk.example", 421),
        ("http://evil.example?/api/statuses", "desk.example", 421),
        ("http://desk.example@evil.example/api/statuses", "desk.example", 421),
        ("http://evil.example@desk.example/api/statuses", "desk.example", 421),
        ("http:///api/statuses", "desk.example", 200),
        ("//evil.example/api/statuses", "desk.example", 404),
        ("evil.example:443", "desk.example", 404),
        ("*", "desk.example", 404),
    ],
)
def test_a_target_that_names_a_host_is_judged_by_it(gateway: Make, target: str, header: str, status: int) -> None:
    assert ask(gateway(**LISTED), header, target) == status


def test_probes_are_answered_under_a_replicas_address(gateway: Make) -> None:
    client = gateway(**LISTED)
    assert [ask(client, "10.1.2.3:5000", path) for path in ("/health", "/ready", "/metrics")] == [200, 200, 421]


@pytest.mark.parametrize("mapping", [PRODUCTION, {**LISTED, "GATEWAY_HOSTS": "*"}])
def test_without_a_list_every_name_is_accepted(gateway: Make, mapping: dict[str, str]) -> None:
    assert ask(gateway(**mapping), "whatever.example") == 200


def test_who_gave_no_name_is_told_at_the_start(gateway: Make, capsys: pytest.CaptureFixture[str]) -> None:
    gateway(**PRODUCTION)
    assert "set PUBLIC_URL or GATEWAY_HOSTS" in capsys.readouterr().out
    gateway(**LISTED)
    assert "GATEWAY_HOSTS" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "host"),
    [("/a", "header"), ("http://a/b", "a"), ("http://a", "a"), ("http://a:1?x=/", "a:1"), ("://a/b", "header"),
     ("x", "header"), ("", "header")],
)  # fmt: skip
def test_the_named_host(target: str, host: str) -> None:
    assert named_host(target, "header") == host
