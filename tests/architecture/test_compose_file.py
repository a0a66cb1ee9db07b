"""docker-compose.yml says what operators were promised."""

from fnmatch import fnmatch
from typing import Any

import pytest
import yaml
from smartticket_contracts.services import Service, registry, services_behind_the_gateway

from .tree import ROOT, SERVICES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICE_NAMES = list(SERVICES)


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_service_runs_without_rights_it_does_not_need(name: str) -> None:
    service: dict[str, Any] = COMPOSE["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["mem_limit"] == (registry()[name].memory or "256m")
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


@pytest.mark.parametrize("service", services_behind_the_gateway(), ids=lambda service: service.name)
def test_the_schema_of_every_service_is_made_in_containers(service: Service) -> None:
    recipe = (ROOT / "init-db" / "Dockerfile").read_text(encoding="utf-8")
    [installed] = [line for line in recipe.splitlines() if "pip install" in line and "./init-db" in line]
    assert " ./*-service " in installed
    assert "!*-service\n" in (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert fnmatch(service.name, "*-service")
