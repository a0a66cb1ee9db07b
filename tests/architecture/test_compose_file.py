"""docker-compose.yml says what operators were promised."""

import re
import tomllib
from fnmatch import fnmatch
from itertools import chain
from typing import Any

import pytest
import yaml
from smartticket_contracts.services import registry

from .tree import ROOT, SERVICES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
RECIPE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
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
    assert service["build"] == {"context": ".", "args": {"SERVICE": name}}


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


def test_the_dockerfile_needs_nothing_but_docker() -> None:
    assert "# syntax=" not in RECIPE
    assert "@sha256" not in RECIPE
    assert "--mount" not in RECIPE
    assert [last_user(image) for image in images()] == ["USER 10001:10001"] * len(images())


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_the_recipe_copies_every_part_that_the_requirements_of_a_service_name(name: str) -> None:
    lines = (ROOT / name / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = {line.partition("[")[0].removeprefix("../") for line in lines if line.startswith((".", "../"))}
    copied = set(re.findall(r"^COPY ([\w-]+) \./\1$", RECIPE, re.MULTILINE))
    assert named - {"."} <= copied
    assert "." in named
    project = tomllib.loads((ROOT / name / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *chain(*project.get("optional-dependencies", {}).values())]
    parts = {re.split(r"[\[<>=~]", each)[0].removeprefix("smartticket-") for each in needed if "smartticket-" in each}
    assert parts <= named


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "api-gateway"])
def test_the_schema_of_every_service_is_made_in_containers(name: str) -> None:
    assert COMPOSE["services"]["init-db"]["build"] == {"context": ".", "target": "init-db"}
    (installed,) = [line for line in RECIPE.splitlines() if "pip install" in line and "./init-db" in line]
    assert any(fnmatch(f"./{name}", pattern) for pattern in installed.split())
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch(f"!{name}", pattern) for pattern in allowed)


def images() -> list[str]:
    """Return the stages of the recipe that become images: all but the first, which they share."""
    return re.split(r"^FROM ", RECIPE, flags=re.MULTILINE)[2:]


def last_user(image: str) -> str:
    """Return the line that says as whom an image runs."""
    return [line for line in image.splitlines() if line.startswith("USER")][-1]
