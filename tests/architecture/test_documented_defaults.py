"""The defaults that READMEs and .env.example print are those of the code."""

import re
from collections.abc import Iterator

import pytest

from .settings_code import settings_read_by
from .tree import ROOT, SERVICES

PROGRAMS = [*SERVICES, "init-db"]
ROW = re.compile(r"^\| (`[A-Z][A-Z0-9_]+`(?:, `[A-Z][A-Z0-9_]+`)*) \| ([^|]*) \|", re.MULTILINE)
NONE = {"none", "–", "-", ""}
DESCRIPTION = re.compile(r"\b(mode|made|one|own|on|in|of|with|where|its|each)\b|…|<|\b[A-Z]+_[A-Z_]+\b")
"""A cell with such a word describes a default that hangs on something else; a sentence can't be compared."""
COMPUTED = {"DB_USER", "DB_PASSWORD", "FILES_S3_PATH_STYLE", "RATE_LIMITS", "RUNTIME_DIR", "POSTGRES_PASSWORD"}
"""Settings whose default is made of other settings: .env.example prints none, or one that fits most."""


def rows(readme: str) -> Iterator[tuple[str, str]]:
    """Yield each name of a table of settings, with the default that its row prints for it."""
    for names_cell, defaults_cell in ROW.findall(readme):
        names = re.findall(r"`([^`]+)`", names_cell)
        cell = re.sub(r"\([^)]*\)", "", defaults_cell)
        defaults = (
            [part.strip().strip("`") for part in cell.split(",")] if len(names) > 1 else [cell.strip().strip("`")]
        )
        if len(defaults) == 1:
            defaults *= len(names)
        yield from zip(names, defaults, strict=True)


def same(printed: str, default: object) -> bool:
    printed = printed.replace(" ", "")
    if isinstance(default, bool):
        return printed in ({"true", "on"} if default else {"false", "off"})
    if isinstance(default, int | float):
        number = re.sub(r"(?<=\d),(?=\d{3})", "", printed)
        return re.fullmatch(r"[0-9.]+", number) is not None and float(number) == default
    return printed == str(default) or (printed in NONE and default == "")


def differing(printed: Iterator[tuple[str, str]], program: str) -> dict[str, str]:
    read = settings_read_by(program)
    return {
        name: f"{default!r} is printed, the code has {sorted(map(str, read[name].defaults))}"
        for name, default in printed
        if name in read
        and not (name in COMPUTED or DESCRIPTION.search(default))
        and not any(same(default, one) for one in read[name].defaults)
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_readme_prints_the_defaults_of_the_code(program: str) -> None:
    readme = (ROOT / program / "README.md").read_text(encoding="utf-8")
    assert differing(rows(readme), program) == {}


def test_the_kits_readme_prints_the_defaults_of_the_code() -> None:
    readme = (ROOT / "service-kit" / "README.md").read_text(encoding="utf-8")
    assert differing(rows(readme), "ticket-service") == {}


def test_the_example_prints_the_defaults_of_the_code() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    wrong = {}
    for name, printed in re.findall(r"^# ([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE):
        defaults = {default for program in PROGRAMS if (read := settings_read_by(program).get(name))
                    for default in read.defaults}  # fmt: skip
        if defaults and name not in COMPUTED and not any(same(printed, default) for default in defaults):
            wrong[name] = f"{printed!r} is printed, the code has {sorted(map(str, defaults))}"
    assert wrong == {}


def test_enough_rows_are_compared_for_this_to_mean_anything() -> None:
    compared = {
        name
        for program in PROGRAMS
        for name, default in rows((ROOT / program / "README.md").read_text(encoding="utf-8"))
        if name in settings_read_by(program) and not DESCRIPTION.search(default)
    }
    assert len(compared) >= 60
    assert "UPSTREAM_BREAKER_SECONDS" in compared
