"""The `smart-ticket` command."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from dotenv import dotenv_values

from launcher.client import Gateway, checked_address, default_url
from launcher.commands import (
    dead_letters,
    diagnose,
    evaluating,
    figures,
    hdts,
    importing,
    knowledge,
    lifecycle,
    models,
    secrets,
    tracing,
    users,
)
from launcher.data_directory import DataDirectory

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class Commands(click.Group):
    """Says in a sentence what the operating system refuses, such as a file that can't be read."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error


@click.group(cls=Commands, context_settings=CONTEXT)
@click.option("--home", type=click.Path(path_type=Path), help="Folder of the embedded system (SMARTTICKET_HOME).")
@click.option("--url", help="Address of the gateway (SMARTTICKET_URL; by default of the system that runs here).")
@click.option("--key", help="API key or access token for the gateway (SMARTTICKET_API_KEY).")
@click.version_option(package_name="smartticket-launcher", prog_name="smart-ticket")
@click.pass_context
def main(context: click.Context, home: Path | None, url: str | None, key: str | None) -> None:
    """Smart Ticket: a help desk that reads every ticket and files it where it belongs.

    `up` starts the whole system on this machine, `demo` sends it fifty tickets, `down` stops it. Settings are read
    from the environment and from the file .env in the current folder.
    """
    try:
        settings = dotenv_values(".env")
    except ValueError as error:
        raise click.ClickException(f".env is not UTF-8: {error}") from error
    for name, value in settings.items():
        if "\0" not in f"{name}{value}":
            os.environ.setdefault(name, value or "")
    folder = home or Path(os.environ.get("SMARTTICKET_HOME", "").strip() or ".smartticket")
    place = DataDirectory(folder.resolve())
    named = key or os.environ.get("SMARTTICKET_API_KEY", "")
    elsewhere = url or os.environ.get("SMARTTICKET_URL", "").strip()
    if elsewhere:
        checked_address(elsewhere)
    # Another system's gateway must not see this machine's key.
    gateway = Gateway(
        elsewhere or default_url(lifecycle.running_port(place)), named, () if elsewhere else _own_keys(place)
    )
    context.obj = {
        "home": place,
        "gateway": gateway,
        "operator": lambda: _operator(place, "" if _is_here(elsewhere, place) else elsewhere, key),
        "events": lambda: _events(gateway, None if named or elsewhere else place),
    }


def _is_here(url: str, home: DataDirectory) -> bool:
    """Return whether an address is that of the system that runs here."""
    port, parts = lifecycle.running_port(home), urlsplit(url)
    return port is not None and parts.port == port and parts.hostname in ("localhost", "127.0.0.1", "::1")


def _own_keys(home: DataDirectory) -> Iterator[str]:
    from launcher.operator_access import own_keys

    yield from own_keys(home)


def _operator(home: DataDirectory, url: str, key: str | None) -> Any:
    from launcher.operator_access import IN_CONTAINERS, operator

    if key:
        raise click.ClickException(
            "this command opens the database of the system of this machine, as its operator; it uses no key. Leave out"
            " --key, or ask the API as the key's person: GET and POST /api/users"
        )
    if url:
        # The system of this machine may be another one than that which the person means.
        raise click.ClickException(
            f"this command opens the database of the system of this machine, and can't reach {url}. {IN_CONTAINERS};"
            " by the API there are GET and POST /api/users. Leave out --url and SMARTTICKET_URL for this machine's"
        )
    return operator(home)


def _events(gateway: Gateway, home: DataDirectory | None) -> Any:
    from launcher.events import GatewayEvents, OperatorEvents
    from launcher.operator_access import databases

    found = databases(home) if home is not None else {}
    return OperatorEvents(found) if found else GatewayEvents(gateway)


for command in (
    lifecycle.up,
    lifecycle.down,
    lifecycle.run,
    lifecycle.status,
    importing.demo,
    importing.import_csv,
    evaluating.evaluate,
    models.models,
    knowledge.rag,
    figures.analytics,
    tracing.trace,
    dead_letters.dead_letters,
    dead_letters.refill,
    hdts.hdts,
    diagnose.doctor,
    secrets.secrets,
    users.users,
    users.companies,
):
    main.add_command(command)
