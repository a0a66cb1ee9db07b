"""Who may import whom (laws 1 and 2)."""

import ast
import re
import sys
from pathlib import Path

import pytest

from .tree import ROOT, SERVICES, imports, packages, parsed, python_files, source_files

TICKET_WORDS = re.compile(r"(?<![\w.])(ticket|department|categoriz|helpdesk|help desk)", re.IGNORECASE)
KITS = (
    "service-kit",
    "eventbus",
    "company-kit",
    "operations-kit",
    "external-kit",
    "model-kit",
    "outbound-kit",
    "projection-kit",
    "http-server",
)
USES = {
    "service-kit": {"http_server"},
    "eventbus": {"service_kit"},
    "company-kit": {"service_kit", "eventbus"},
    "operations-kit": {"service_kit", "eventbus"},
    "external-kit": {"service_kit", "eventbus"},
    "model-kit": {"service_kit"},
    "projection-kit": {"service_kit"},
}
"""company-kit alone names tickets and tasks: they are filters of the audit's API."""
ARITHMETIC = ("numpy",)
"""Decisions over thousands of scores; numpy does no I/O."""
SHARED_DECISIONS = ("service_kit.names", "service_kit.percentages")
"""Pure functions that the decisions of several services use."""
ALLOWED_HERE = re.compile(r"smart[- ]?ticket|smartticket", re.IGNORECASE)


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    others = set(SERVICES.values()) - {SERVICES[service]} | {"launcher"}
    assert [path for path in python_files(service) if packages(path) & others] == []


@pytest.mark.parametrize("kit", KITS)
def test_a_kit_knows_no_service_and_no_other_kit_but_those_it_is_built_on(kit: str) -> None:
    known = set(SERVICES.values()) | {"launcher", "init_db", "smartticket_contracts"}
    known |= {other.replace("-", "_") for other in KITS if other != kit} - USES.get(kit, set())
    assert [path for path in source_files(kit) if packages(path) & known] == []


def test_model_kit_takes_only_its_handling_of_failing_servers_from_service_kit() -> None:
    """Claude's extra alone: the encoder runs without service-kit."""
    taken = {
        (path.parent.name, ".".join(name.split(".")[:2]))
        for path in source_files("model-kit")
        for name in imports(path)
        if name.startswith("service_kit")
    }
    assert taken == {
        ("claude", "service_kit.backoff"),
        ("claude", "service_kit.circuit_breaker"),
        ("claude", "service_kit.http_client"),
    }


@pytest.mark.parametrize("kit", [kit for kit in KITS if kit != "company-kit"])
def test_a_kit_has_no_ticket_words(kit: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in source_files(kit)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if TICKET_WORDS.search(ALLOWED_HERE.sub("", line))
    ]
    assert found == []


def test_claude_and_the_encoder_know_nothing_of_each_other() -> None:
    """Each is an extra of its own, and a service may have one without the other."""
    claude = ROOT / "model-kit" / "src" / "model_kit" / "claude"
    inside = [path for path in source_files("model-kit") if path.is_relative_to(claude)]
    assert inside
    for path in inside:
        assert not {"numpy", "onnxruntime", "requests", "tokenizers"} & packages(path), path
        own = {name for name in imports(path) if name.startswith("model_kit.")}
        assert {name for name in own if not name.startswith("model_kit.claude")} == set(), path
    others = set(source_files("model-kit")) - set(inside)
    assert [path for path in others if any(name.startswith("model_kit.claude") for name in imports(path))] == []


def test_claudes_library_is_imported_in_one_place_alone() -> None:
    users = [path for path in python_files() if "anthropic" in packages(path)]
    assert [path.relative_to(ROOT).as_posix() for path in users] == ["model-kit/src/model_kit/claude/client.py"]


@pytest.mark.parametrize("service", SERVICES)
def test_decisions_import_the_standard_library_and_arithmetic_only(service: str) -> None:
    package = SERVICES[service]
    for path in python_files(f"{service}/src/{package}/domain"):
        foreign = {
            name
            for name in imports(path)
            if name.split(".")[0] not in sys.stdlib_module_names
            and not name.startswith((f"{package}.domain", *SHARED_DECISIONS, *ARITHMETIC))
        }
        assert foreign == set(), path


def test_shared_decisions_import_the_standard_library_only() -> None:
    for name in SHARED_DECISIONS:
        path = ROOT / "service-kit" / "src" / (name.replace(".", "/") + ".py")
        assert packages(path) <= set(sys.stdlib_module_names), path


@pytest.mark.parametrize("service", SERVICES)
def test_each_library_has_its_room(service: str) -> None:
    rooms = {
        "sqlalchemy": ("store", "usecases", "migrations", "service.py"),
        "marshmallow": ("api",),
        "pika": (),
        "psycopg2": ("store", "migrations"),
    }
    for path in source_files(service):
        inside = path.relative_to(ROOT / service / "src")
        room = inside.parts[1] if len(inside.parts) > 1 else inside.name
        for library, allowed in rooms.items():
            if library in packages(path) and not (library == "sqlalchemy" and _names_the_session_alone(path)):
                assert room in allowed, f"{library} in {path}"


def _names_the_session_alone(path: Path) -> bool:
    """Tell whether a module takes nothing of SQLAlchemy but the type of a parameter."""
    taken = [
        (node.module, alias.name)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    ]
    imported = {name.name for node in ast.walk(parsed(path)) if isinstance(node, ast.Import) for name in node.names}
    return taken == [("sqlalchemy.orm", "Session")] and not any(name.startswith("sqlalchemy") for name in imported)


def test_eventbus_serves_no_http() -> None:
    """operations-kit does, for dead letters, refills and traces."""
    http = {"flask", "flask_smorest", "marshmallow", "werkzeug", "http_server"}
    serving = [
        path
        for path in source_files("eventbus")
        if packages(path) & http or any(name.startswith("service_kit.http.") for name in imports(path))
    ]
    assert serving == []


def test_pika_lives_in_the_rabbitmq_adapter_alone() -> None:
    users = [path for path in source_files("eventbus") if "pika" in packages(path) and "testing" not in path.parts]
    assert users
    assert [path for path in users if "bus/rabbitmq" not in path.as_posix()] == []
