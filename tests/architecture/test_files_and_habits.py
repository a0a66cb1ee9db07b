"""Small files, nothing at import time, one place for commits, no words about where it was made (laws 6, 7, 9)."""

import ast
import re
import subprocess

import pytest

from .loc import lines_of_code
from .tree import ROOT, SERVICES, parsed, project_files, python_files, source_files

LONGEST = 300
BUDGETS = {
    "service-kit": 2_789,
    "eventbus": 1_798,
    "bus adapters": 1_200,
    "operations-kit": 254,
    "company-kit": 515,
    "external-kit": 326,
    "projection-kit": 88,
}
COMMAND_LINES = ("launcher/", "benchmarks/", "init-db/", "tests/", "scripts/", ".ci/")


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for path in python_files()
        if "generated" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_the_shared_distributions_stay_within_their_budgets() -> None:
    """Counted as docs/adr/0006 says."""
    kit = sum(lines_of_code(path) for path in source_files("service-kit") if "testing" not in path.parts)
    company = sum(lines_of_code(path) for path in source_files("company-kit") if "testing" not in path.parts)
    operations = sum(lines_of_code(path) for path in source_files("operations-kit"))
    external = sum(lines_of_code(path) for path in source_files("external-kit"))
    projection = sum(lines_of_code(path) for path in source_files("projection-kit"))
    bus = {path: lines_of_code(path) for path in source_files("eventbus") if "testing" not in path.parts}
    adapters = sum(lines for path, lines in bus.items() if path.parent.name in ("rabbitmq", "postgres"))
    memory = sum(lines for path, lines in bus.items() if path.name == "memory.py")
    counted = {
        "service-kit": kit,
        "eventbus": sum(bus.values()) - adapters - memory,
        "bus adapters": adapters,
        "operations-kit": operations,
        "company-kit": company,
        "external-kit": external,
        "projection-kit": projection,
    }
    assert {name: lines for name, lines in counted.items() if lines > BUDGETS[name]} == {}


def test_nobody_prints_outside_the_command_line() -> None:
    printing = [
        path
        for path in python_files()
        if not str(path.relative_to(ROOT)).startswith(COMMAND_LINES) and "tests" not in path.parts
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


@pytest.mark.parametrize("folder", [*SERVICES, "service-kit", "eventbus", "operations-kit"])
def test_the_environment_is_read_at_the_entry_points_alone(folder: str) -> None:
    readers = {
        path.relative_to(ROOT / folder / "src").as_posix()
        for path in source_files(folder)
        if "testing" not in path.parts
        and any(
            isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and isinstance(node.value, ast.Name)
            and node.value.id == "os"
            for node in ast.walk(parsed(path))
        )
    }  # fmt: skip
    allowed = {"service_kit/serve.py", "service_kit/telemetry/metrics.py", "auth_service/command_line.py"}
    allowed.add("notification_service/live/__main__.py")
    assert readers <= allowed


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "api-gateway"])
def test_commits_happen_in_use_cases_alone(service: str) -> None:
    """The worker commits for consumers; a consumer, a query or an endpoint never does."""
    package = ROOT / service / "src" / SERVICES[service]
    for room in ("api", "consumers", "store", "domain"):
        for path in python_files(str((package / room).relative_to(ROOT))):
            committing = [
                node
                for node in ast.walk(parsed(path))
                if isinstance(node, ast.Attribute) and node.attr in ("commit", "begin", "execute_and_commit")
            ]
            assert committing == [], path


def test_no_statement_connects_at_import_time() -> None:
    suspects = re.compile(r"^(create_engine|connect|Database|PoolManager|BlockingConnection|SelectConnection)$")
    for path in python_files(*SERVICES, "service-kit/src", "eventbus/src", "operations-kit/src", "init-db/src"):
        if "tests" in path.parts:
            continue
        for statement in parsed(path).body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.If):
                continue
            for node in ast.walk(statement):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    assert not suspects.match(name), f"{path}: {name} at import time"


def test_nothing_tells_where_it_was_made() -> None:
    home = str(ROOT.parent)
    words = re.compile(
        "|".join(map(re.escape, (f"{home}/main", f"{home}/shared", "/opt/" + "pypi", "files.python" + "hosted")))
    )
    telling = [
        str(path.relative_to(ROOT))
        for path in project_files()
        if not path.relative_to(ROOT).as_posix().startswith(".ci/")
        and path.stat().st_size < 1_000_000
        and words.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert telling == []


def test_every_suite_is_run() -> None:
    suites_of = (*ROOT.glob("*/tests"), *ROOT.glob("clients/*/tests"))
    folders = {path.parent for path in suites_of if any(path.rglob("test_*.py"))}
    folders |= {path for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    run = subprocess.run([ROOT / "scripts" / "suites.sh"], capture_output=True, text=True, check=True).stdout.split()
    suites = {name.removesuffix("/tests") for each in folders if (name := each.relative_to(ROOT).as_posix())}
    assert sorted(run) == sorted(suites | {"types"})
