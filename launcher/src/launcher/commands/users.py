"""The people of the operator's company, and the companies, in the system of this machine."""

from collections.abc import Callable, Mapping
from typing import Any

import click


class _Loaded(click.Group):
    """Loads auth-service's commands when one of them is named: its libraries take a moment, which others save."""

    def __init__(self, name: str, load: Callable[[], click.Group], **options: Any) -> None:
        super().__init__(name, **options)
        self._load = load

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted(self._loaded())

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return a command by name, None for an unknown one."""
        return self._loaded().get(name)

    def _loaded(self) -> Mapping[str, click.Command]:
        return self._load().commands


def _users() -> click.Group:
    from auth_service.command_line import users as commands

    return commands


def _companies() -> click.Group:
    from auth_service.command_line import companies as commands

    return commands


users = _Loaded(
    "users", _users, help="The people of the operator's company: add one, list them, let one set a new password."
)
companies = _Loaded(
    "companies",
    _companies,
    help="All companies of the system: list them, delete one, show who deleted which, announce them again.",
)
