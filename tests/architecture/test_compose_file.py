"""docker-compose.yml says what operators were promised."""

from typing import Any

import pytest
import yaml

from .tree import ROOT, SERVICES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICE_NAMES = list(SERVICES)
MEMORY = {"ai-service": "768m", "rag-service": "2g"}


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_service_runs_without_rights_it_does_not_need(name: str) -> None:
    service: dict[str, Any] = COMPOSE["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["mem_limit"] == MEMORY.get(name, "256m")
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert (ROOT / service["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("name", [name for name in SERVICE_NAMES if name != "api-gateway"])
def test_a_service_can_be_scaled(name: str) -> None:
    assert "container_name" not in COMPOSE["services"][name]
    assert "ports" not in COMPOSE["services"][name]


def test_nothing_is_published_beyond_this_machine_by_default() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith(("127.0.0.1:", "${GATEWAY_BIND:-127.0.0.1}:"))] == []


def test_the_names_that_the_documents_print_are_there() -> None:
    assert COMPOSE["services"]["postgres"]["container_name"] == "smartticket-postgres"
    assert COMPOSE["services"]["postgres"]["environment"]["POSTGRES_DB"] == "smartticket"
    assert COMPOSE["services"]["rabbitmq"]["image"] == "rabbitmq:4-management"


@pytest.mark.parametrize("name", [*SERVICE_NAMES, "init-db"])
def test_dockerfiles_need_nothing_but_docker(name: str) -> None:
    text = (ROOT / name / "Dockerfile").read_text(encoding="utf-8")
    assert "# syntax=" not in text
    assert "@sha256" not in text
    assert "USER 10001" in text


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "api-gateway"])
def test_the_schema_of_every_service_is_made_in_containers(name: str) -> None:
    recipe = (ROOT / "init-db" / "Dockerfile").read_text(encoding="utf-8")
    assert f"COPY {name} ./{name}\n" in recipe
    [installed] = [line for line in recipe.splitlines() if "pip install" in line and "./init-db" in line]
    assert f" ./{name} " in installed
