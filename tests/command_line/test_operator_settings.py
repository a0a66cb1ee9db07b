"""What `smart-ticket up` makes of the operator's settings, and in which mode it starts."""

from pathlib import Path
from typing import Any

import pytest
from launcher.data_directory import DataDirectory
from launcher.services import SERVICES
from service_kit.settings import BadSettings
from smartticket_contracts.services import services_behind_the_gateway

from launcher import embedded_settings
from tests.architecture.settings_code import settings_read_by

DATABASE = {"DB_HOST": "127.0.0.1", "DB_PORT": "5432", "DB_NAME": "smartticket", "DB_ROLE_PREFIX": "smartticket"}
DECIDED_BY_THE_LAUNCHER = {
    "BUS", "ROLE", "PORT", "HTTP_HOST", "RUNTIME_DIR",
    "DATABASE_URL", "RELAY_DATABASE_URL", "DB_HOST", "DB_PORT", "DB_NAME", "DB_ROLE_PREFIX", "DB_USER", "DB_PASSWORD",
    "INTERNAL_SIGNING_KEY", "INTERNAL_TRUSTED_KEYS",
    *(service.url_setting for service in services_behind_the_gateway()),
}  # fmt: skip
"""One process, one database, loopback ports: what README says an embedded system decides itself."""


def mapping(name: str, environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    ports = embedded_settings.ports(environment)
    return embedded_settings.service_mapping(name, environment, DataDirectory(tmp_path), ports, DATABASE)


def read(name: str, environment: dict[str, str], tmp_path: Path) -> Any:
    return SERVICES[name].read_settings(mapping(name, environment, tmp_path))


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_and_every_file_of_one_reaches_its_service(service: str, tmp_path: Path) -> None:
    for name in set(settings_read_by(service)) - DECIDED_BY_THE_LAUNCHER:
        assert mapping(service, {name: "given"}, tmp_path)[name] == "given"
        file = tmp_path / "value"
        file.write_text("given\n", encoding="utf-8")
        made = mapping(service, {f"{name}_FILE": str(file)}, tmp_path)
        assert made.get(name) == "given" or (name not in made and made[f"{name}_FILE"] == str(file)), name


def test_no_file_of_a_setting_overrules_what_the_launcher_decides(tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text("postgresql://u:p@elsewhere/d", encoding="utf-8")
    for name in DECIDED_BY_THE_LAUNCHER:
        made = mapping("ticket-service", {f"{name}_FILE": str(file)}, tmp_path)
        assert made.get(name, "") or f"{name}_FILE" not in made, name


def test_without_a_mode_the_system_starts_in_development_mode_and_the_gateway_listens_on_loopback(
    tmp_path: Path,
) -> None:
    gateway = read("api-gateway", {}, tmp_path)
    assert (gateway.development, gateway.host) == (True, "127.0.0.1")


def test_a_mode_is_also_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mode"
    file.write_text("production\n", encoding="utf-8")
    assert embedded_settings.mode({"SMARTTICKET_ENV_FILE": str(file)}) == "production"
    with pytest.raises(BadSettings, match="can't be read"):
        embedded_settings.mode({"SMARTTICKET_ENV_FILE": str(tmp_path / "missing")})


@pytest.mark.parametrize("environment", [{}, {"SMARTTICKET_ENV": "development"}])
@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.7", "::", "desk.example"])
@pytest.mark.parametrize("setting", ["GATEWAY_BIND", "GATEWAY_PUBLISHED_ON"])
def test_development_mode_is_refused_where_others_reach_the_gateway(
    environment: dict[str, str], address: str, setting: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSettings, match="development mode"):
        read("api-gateway", environment | {setting: address}, tmp_path)


def test_production_may_listen_anywhere(tmp_path: Path) -> None:
    gateway = read("api-gateway", {"SMARTTICKET_ENV": "production", "GATEWAY_BIND": "192.168.1.7"}, tmp_path)
    assert (gateway.development, gateway.host) == (False, "192.168.1.7")
