"""What the architecture tests look at: the project's files and what each imports."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from smartticket_contracts.services import registry

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {name: service.package for name, service in registry().items()}


@cache
def project_files() -> tuple[Path, ...]:
    """Return the files that belong to the project: tracked, and new ones that git doesn't ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def python_files(*folders: str) -> Iterator[Path]:
    """Yield the project's Python files below the folders (all where none is named)."""
    for path in project_files():
        if path.suffix == ".py" and (not folders or any(path.is_relative_to(ROOT / folder) for folder in folders)):
            yield path


def source_files(service: str) -> Iterator[Path]:
    """Yield the Python files of one distribution, without its tests."""
    return python_files(f"{service}/src")


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return the dotted names a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages(path: Path) -> set[str]:
    """Return the top-level packages a file imports."""
    return {name.split(".")[0] for name in imports(path)}
