"""The people of the operator's company, in the system of this machine."""

from collections.abc import Mapping

import click


class _Users(click.Group):
    """Loads auth-service's commands when one of them is named: its libraries take a moment, which others save."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted(_commands())

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return a command by name, None for an unknown one."""
        return _commands().get(name)


users = _Users("users", help="The people of the operator's company: add one, list them, let one set a new password.")


def _commands() -> Mapping[str, click.Command]:
    from auth_service.command_line import users as commands

    return commands.commands
