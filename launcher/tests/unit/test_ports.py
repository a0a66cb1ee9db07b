"""Ports: chosen by settings, distinct, and reported with their owner if taken."""

import os
import socket

import pytest
from launcher.embedded_settings import ports
from launcher.ports import free_port, port_owner


def test_every_service_has_its_own_port_by_default() -> None:
    chosen = ports({})
    assert chosen["api-gateway"] == 5000
    assert len(set(chosen.values())) == len(chosen)


def test_a_setting_moves_one_port() -> None:
    assert ports({"TICKET_PORT": "6001"}) == ports({}) | {"ticket-service": 6001}


@pytest.mark.parametrize("value", ["0", "65536", "-1", "5000.0", "web", "5 000"])
def test_nonsense_is_refused_with_the_settings_name(value: str) -> None:
    with pytest.raises(ValueError, match="GATEWAY_PORT must be a port"):
        ports({"GATEWAY_PORT": value})


def test_one_port_for_two_services_is_refused_with_both_names() -> None:
    with pytest.raises(ValueError, match="AI_PORT and GATEWAY_PORT must be different ports"):
        ports({"AI_PORT": "5000"})


def test_the_owner_of_a_taken_port_is_named() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert f"process {os.getpid()}" in str(port_owner("127.0.0.1", listener.getsockname()[1]))


def test_a_free_port_has_no_owner() -> None:
    assert port_owner("127.0.0.1", free_port()) is None


def test_no_port_is_given_twice() -> None:
    """A system takes seven at once, and listens on them later."""
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200
    assert max(ports) < 32_768


def test_an_owner_that_can_not_be_read_is_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("psutil.net_connections", denied)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert port_owner("127.0.0.1", listener.getsockname()[1]) == "another process"
