"""Every setting is in its service's README and in .env.example (law 8)."""

import ast

import pytest

from .tree import ROOT, SERVICES, parsed, source_files

READS = {"text", "integer", "number", "flag"}


def settings_of(folder: str) -> set[str]:
    """Return the names that are read through a settings Reader."""
    return {
        node.args[0].value
        for path in source_files(folder)
        if "testing" not in path.parts
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value.isupper()
    }


@pytest.mark.parametrize("folder", [*SERVICES, "service-kit", "eventbus", "init-db"])
def test_every_setting_is_in_the_readme_and_the_example(folder: str) -> None:
    settings = settings_of(folder)
    readme = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert {name for name in settings if f"`{name}`" not in readme} == set()
    assert {name for name in settings if f"{name}=" not in example} == set()


def test_the_kit_reads_settings_at_all() -> None:
    assert "CONSUMER_PREFETCH" in settings_of("service-kit")
