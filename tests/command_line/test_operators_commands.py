"""`smart-ticket users` and `companies`: auth-service's commands, for the system of one machine."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from launcher.cli import main


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *words])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--help",), "companies"),
        (("companies", "--help"), "delete"),
        (("companies", "--help"), "list"),
        (("users", "--help"), "reset-link"),
        (("companies", "delete", "--help"), "--yes"),
    ],
)
def test_help_tells_what_there_is(tmp_path: Path, words: tuple[str, ...], shown: str) -> None:
    done = run(tmp_path, *words)
    assert (done.exit_code, shown in done.stdout) == (0, True)


@pytest.mark.parametrize("words", [("list",), ("delete", "Acme"), ("delete", "7", "--yes")])
def test_without_a_running_system_companies_say_so_on_standard_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, "companies", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "smart-ticket up" in done.stderr


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, "companies", "drop").exit_code == 2
