"""Who may import whom (laws 1 and 2)."""

import re
import sys

import pytest

from .tree import ROOT, SERVICES, imports, packages, python_files, source_files

TICKET_WORDS = re.compile(r"(?<![\w.])(ticket|department|categoriz|helpdesk|help desk)", re.IGNORECASE)
ALLOWED_HERE = re.compile(r"smart[- ]?ticket|smartticket", re.IGNORECASE)


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    others = set(SERVICES.values()) - {SERVICES[service]} | {"launcher"}
    assert [path for path in python_files(service) if packages(path) & others] == []


def test_the_kit_knows_no_service() -> None:
    known = set(SERVICES.values()) | {"launcher", "init_db", "smartticket_contracts"}
    assert [path for path in source_files("service-kit") if packages(path) & known] == []


def test_the_kit_has_no_ticket_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in source_files("service-kit")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if TICKET_WORDS.search(ALLOWED_HERE.sub("", line))
    ]
    assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_decisions_import_the_standard_library_only(service: str) -> None:
    package = SERVICES[service]
    for path in python_files(f"{service}/src/{package}/domain"):
        foreign = {
            name
            for name in imports(path)
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(f"{package}.domain")
        }
        assert foreign == set(), path


@pytest.mark.parametrize("service", SERVICES)
def test_each_library_has_its_room(service: str) -> None:
    rooms = {
        "sqlalchemy": ("store", "usecases", "consumers", "migrations", "service.py"),
        "marshmallow": ("api",),
        "pika": (),
        "psycopg2": ("store", "migrations"),
    }
    for path in source_files(service):
        inside = path.relative_to(ROOT / service / "src")
        room = inside.parts[1] if len(inside.parts) > 1 else inside.name
        for library, allowed in rooms.items():
            if library in packages(path):
                assert room in allowed, f"{library} in {path}"


def test_pika_lives_in_the_rabbitmq_adapter_alone() -> None:
    users = [path for path in source_files("service-kit") if "pika" in packages(path) and "testing" not in path.parts]
    assert users
    assert [path for path in users if "bus/rabbitmq" not in path.as_posix()] == []
