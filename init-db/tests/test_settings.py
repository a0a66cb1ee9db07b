from pathlib import Path

import pytest
from init_db.main import SETTINGS_HELP
from init_db.services import MigratedService, installed_services
from init_db.settings import read_settings
from service_kit.settings import BadSettings

DESK = MigratedService("desk-service", "desk", "desk_service.migrations")
SHOP = MigratedService("shop-service", "shop", "shop_service.migrations")
BOTH = (DESK, SHOP)
OWN = {"DESK_DB_PASSWORD": "d3sk-own-passw0rd", "SHOP_DB_PASSWORD": "sh0p-own-passw0rd"}


def faults(mapping):
    with pytest.raises(BadSettings) as caught:
        read_settings(mapping, BOTH)
    return caught.value.faults


def test_an_installed_service_is_found_and_named_after_its_package():
    found = {service.schema: service for service in installed_services()}
    assert found["ticket"] == MigratedService("ticket-service", "ticket", "ticket_service.migrations")


def test_development_needs_no_setting_at_all():
    settings = read_settings({"SMARTTICKET_ENV": "development"}, BOTH)
    assert settings.admin_url == "postgresql://postgres:postgres@127.0.0.1:5432/postgres"
    assert (settings.database, settings.prefix, settings.bus) == ("smartticket", "smartticket", "rabbitmq")
    assert set(settings.passwords.values()) == {"smartticket-development"}


def test_production_names_every_missing_password():
    assert [fault.split()[0] for fault in faults({})] == ["DESK_DB_PASSWORD", "SHOP_DB_PASSWORD"]


@pytest.mark.parametrize("known", ["smartticket-development", "postgres", "changeme", "eleven-ch4r", "abababababab"])
def test_production_refuses_well_known_and_weak_passwords(known):
    assert [fault.split()[0] for fault in faults({**OWN, "DESK_DB_PASSWORD": known})] == ["DESK_DB_PASSWORD"]
    assert [fault.split()[0] for fault in faults({**OWN, "POSTGRES_PASSWORD": known})] == ["POSTGRES_PASSWORD"]


def test_a_services_own_password_comes_before_the_common_one():
    settings = read_settings({"DB_PASSWORD": "one-for-all-services", "SHOP_DB_PASSWORD": "one-of-its-own"}, BOTH)
    assert settings.passwords == {"desk": "one-for-all-services", "shop": "one-of-its-own"}


def test_passwords_may_be_mounted_as_files(tmp_path: Path):
    (tmp_path / "desk").write_text("from-a-mounted-file\n", encoding="utf-8")
    settings = read_settings(
        {"DESK_DB_PASSWORD_FILE": str(tmp_path / "desk"), "DB_PASSWORD": "one-for-all-services"}, BOTH
    )
    assert settings.passwords == {"desk": "from-a-mounted-file", "shop": "one-for-all-services"}


def test_no_password_shows_when_settings_are_printed():
    settings = read_settings({**OWN, "POSTGRES_PASSWORD": "r00t-own-passw0rd"}, BOTH)
    assert not any(secret in repr(settings) for secret in ("d3sk-own", "sh0p-own", "r00t-own"))


def test_the_address_is_made_of_its_parts_and_signs_in_them_are_escaped():
    admin = {"POSTGRES_USER": "adm@in", "POSTGRES_PASSWORD": "p:a/s@s-of-its-own"}
    settings = read_settings({**OWN, "DB_HOST": "db", "DB_PORT": "6000", **admin}, BOTH)
    assert settings.admin_url == "postgresql://adm%40in:p%3Aa%2Fs%40s-of-its-own@db:6000/postgres"


def test_only_deployed_services_are_set_up_and_need_a_password():
    settings = read_settings({"SMARTTICKET_SERVICES": "desk-service", "DESK_DB_PASSWORD": "one-of-its-own"}, BOTH)
    assert settings.services == (DESK,)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ADMIN_DATABASE_URL", "mysql://x"), ("DB_PORT", "many"), ("BUS", "kafka"), ("SMARTTICKET_ENV", "prod")],
)
def test_nonsense_is_refused_by_name(name, value):
    assert [fault.split()[0] for fault in faults({**OWN, name: value})] == [name]


NAMES = (
    "ADMIN_DATABASE_URL DB_HOST DB_PORT POSTGRES_USER POSTGRES_PASSWORD DB_NAME DB_ROLE_PREFIX "
    "TICKET_DB_PASSWORD DB_PASSWORD SMARTTICKET_SERVICES BUS DB_WAIT_SECONDS SMARTTICKET_ENV"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_the_help_lists_every_setting(name):
    assert name in SETTINGS_HELP
