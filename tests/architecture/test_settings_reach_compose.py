"""Every setting that a service reads, as it is or as NAME_FILE, can be set in .env and reaches it through compose."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from .settings_code import settings_read_by
from .test_settings_are_documented import settings_of
from .tree import ROOT, SERVICES

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::-([^}]*))?\}")
PROGRAMS = [*SERVICES, "init-db"]
FIXED = {
    "HTTP_HOST": "0.0.0.0",
    "PORT": None,  # health checks and other services' addresses name it
    "RUNTIME_DIR": "/tmp",
    "MODELS_DIR": "/models",
    "TRAINING_DATA_DIR": "/training",
    "VECTORS_DIR": "/vectors",
    "FILES_DIR": "/files",
}
"""Settings whose value is part of the containers' layout: volumes and ports hang on it."""
DECIDED_BY_ANOTHER = {
    # Where compose publishes the gateway decides whether development mode is safe; a second opinion would be a hole.
    "GATEWAY_PUBLISHED_ON": "GATEWAY_BIND",
}
OWN = {"DATABASE_URL", "RELAY_DATABASE_URL", "DB_USER", "DB_PASSWORD"}
"""Each service has its own: one .env holds TICKET_DB_PASSWORD, AI_DB_PASSWORD …"""
NOT_IN_COMPOSE = {("init-db", "DB_PASSWORD")}
"""A password for all services at once, for a set-up by hand; in compose each service has its own."""
BY_HAND = {"DATABASE_URL", "RELAY_DATABASE_URL", "DB_USER", "DB_PASSWORD", "INTERNAL_SIGNING_KEY"}
"""Names in .env.example that a service started by hand reads; in compose they begin with the service's name."""


def environment(service: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = COMPOSE["services"][service]["environment"]
    return found


def interpolated(text: object, given: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda match: given.get(match[1]) or match[2] or "", str(text))


def variable_of(service: str, name: str) -> str:
    """Return the variable of .env that gives a service its setting."""
    prefix = service.removeprefix("api-").removesuffix("-service").upper()
    if name == "INTERNAL_SIGNING_KEY":
        return f"{prefix}_SIGNING_KEY"
    if name in OWN and service != "init-db":
        return f"{prefix}_{name}"
    return DECIDED_BY_ANOTHER.get(name, name)


READ = [
    (program, name)
    for program in PROGRAMS
    for name in sorted(settings_read_by(program))
    if (program, name) not in NOT_IN_COMPOSE
]


def names(service: str) -> list[str]:
    return [name for program, name in READ if program == service]


@pytest.mark.parametrize("service", PROGRAMS)
def test_a_setting_in_the_env_file_reaches_its_service(service: str) -> None:
    reached = {
        name
        for name in names(service)
        if interpolated(environment(service).get(name), {variable_of(service, name): "given"}) == "given"
    }
    assert set(names(service)) - reached - set(FIXED) == set()


@pytest.mark.parametrize("service", PROGRAMS)
def test_a_setting_that_the_layout_of_the_containers_decides_is_fixed_there(service: str) -> None:
    for name in set(names(service)) & set(FIXED):
        expected = FIXED[name] or str(min(settings_read_by(service)["PORT"].defaults))
        assert environment(service)[name] == expected, name


@pytest.mark.parametrize("service", PROGRAMS)
def test_a_setting_given_as_a_file_reaches_its_service(service: str) -> None:
    for name in set(names(service)) - set(FIXED) - set(DECIDED_BY_ANOTHER):
        if interpolated(environment(service)[name], {}):
            continue  # compose has a default of its own, and only NAME itself can change that
        assert f"{name}_FILE" in environment(service)
        path = environment(service)[f"{name}_FILE"]
        if path is None:
            continue  # passed on where it is set: the path of a file inside the container
        variable = variable_of(service, name)
        assert path == f"/run/secrets/{variable}"
        assert variable in COMPOSE["services"][service]["secrets"]
        file = COMPOSE["secrets"][variable]["file"]
        assert interpolated(file, {f"{variable}_FILE": "./secrets/it"}) == "./secrets/it"
        assert interpolated(file, {}) == "/dev/null"


def test_a_service_gets_no_secret_that_it_does_not_read() -> None:
    for service in PROGRAMS:
        read = {variable_of(service, name) for name in names(service)}
        assert set(COMPOSE["services"][service]["secrets"]) <= read


def test_a_secret_is_never_passed_on_as_a_path_inside_the_container() -> None:
    words = ("PASSWORD", "_KEY", "SECRET", "DATABASE_URL", "BROKER_URL", "RABBITMQ_URL", "STORE_URL")
    secrets = {name for _, name in READ if name.endswith(words)}
    assert "DB_PASSWORD" in secrets
    for service, name in READ:
        if name in secrets:
            assert environment(service)[f"{name}_FILE"] is not None


@pytest.mark.parametrize("folder", list(SERVICES))
def test_the_settings_that_running_the_code_finds_are_all_that_stand_in_it(folder: str) -> None:
    assert settings_of(folder) <= set(settings_read_by(folder))


def test_every_setting_of_the_example_is_used_by_compose_and_every_variable_of_compose_is_in_the_example() -> None:
    example = set(
        re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    used = {name.removesuffix("_FILE") for name, _ in VARIABLE.findall(TEXT)}
    assert example - used - set(FIXED) - BY_HAND - set(DECIDED_BY_ANOTHER) == set()
    assert used - example == set()
