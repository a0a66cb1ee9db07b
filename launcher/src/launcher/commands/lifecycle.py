"""Start, stop and look at the embedded system."""

import os
import signal
import subprocess
import sys
from typing import Any

import click
import psutil
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from launcher.data_directory import OPERATOR_KEY, DataDirectory
from launcher.start_watch import StartWatch
from launcher.terminal import console

DOWN_SECONDS = 30
NEXT = """
Try next:
  curl {url}/{login}
  curl -X POST {url}/api/tickets{token} -H 'Content-Type: application/json' \\
    -d '{{"title": "Cannot access email", "description": "Getting a password error.", \
"user_name": "John Doe", "user_email": "john.doe@company.com"}}'
  curl {url}/api/dashboard/summary{token}
  make demo     sends fifty tickets and shows the dashboard
  make down     stops the system and keeps its data"""

LOGIN = """
  smart-ticket users add ada@company.com --role admin     prints a password
  TOKEN=$(curl -s {url}/api/auth/login -H 'Content-Type: application/json' \\
    -d '{{"email": "ada@company.com", "password": "…"}}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')"""
"""Where calls need a token."""
AUTHORIZED = ' -H "Authorization: Bearer $TOKEN"'


@click.command()
@click.pass_obj
def up(context: dict[str, Any]) -> None:
    """Start the whole system in the background and wait until it is healthy."""
    from service_kit.service_settings import DEVELOPMENT
    from service_kit.settings import BadSettings

    from launcher.embedded_settings import PORTS, mode, ports
    from launcher.ports import port_owner

    home: DataDirectory = context["home"]
    if running_pid(home):
        raise click.ClickException(
            f"already running (process {running_pid(home)}) at {gateway_url(home)}; stop it with `make down`"
        )
    try:
        wanted, chosen = ports(os.environ), mode(os.environ)
    except (ValueError, BadSettings) as error:
        raise click.ClickException(str(error)) from error
    for service, port in wanted.items():
        if owner := port_owner("127.0.0.1", port):
            raise click.ClickException(f"port {port} is taken by {owner}; stop it or set {PORTS[service]}")
    home.prepare()
    home.delete_state()
    # The commands make a new key when they need one: this version may have scopes that the old key lacks.
    home.replace_secret(OPERATOR_KEY, "")
    screen = console()
    with home.log.open("ab") as log:
        start = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "--home", str(home.root), "run"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    watch = StartWatch(home, process, start)
    with screen.status("starting …") as shown:
        reason = watch.wait(lambda step: shown.update(f"starting … {escape(step)}"))
    if reason:
        _end(process)
        lines = "\n".join(f"  {line}" for line in watch.log_lines()) or "  (it has no warning and no error)"
        raise click.ClickException(
            f"the system did not start: {reason}\nFrom {home.log}:\n{lines}\n"
            "Its data is kept. `smart-ticket up` tries again."
        )
    table = Table(title="Smart Ticket is up")
    table.add_column("service")
    table.add_column("address")
    for service, port in sorted(home.read_state()["ports"].items(), key=lambda item: item[1]):
        table.add_row(service, f"http://localhost:{port}")
    screen.print(table)
    if chosen == DEVELOPMENT:
        screen.print(
            "Mode: development. Calls without a token act as the demo company's admin; only this machine reaches the "
            "gateway. SMARTTICKET_ENV=production requires a login.",
            soft_wrap=True,
        )
        _show_demo_people(home, screen)
    else:
        screen.print(
            f"Mode: {chosen}. Calls need `Authorization: Bearer …`: an access token of POST /api/auth/login, or an API "
            "key. Unless REGISTRATION=invitation is set, everybody who reaches the gateway may found a company.",
            soft_wrap=True,
        )
        _end_demo_people(home, screen)
    screen.print(next_steps(gateway_url(home), chosen), highlight=False, markup=False, soft_wrap=True)


def next_steps(url: str, mode: str) -> str:
    """Return what to try next, with a token where calls need one."""
    if mode == "development":
        return NEXT.format(url=url, login="", token="")
    return NEXT.format(url=url, login=LOGIN.format(url=url), token=AUTHORIZED)


def _show_demo_people(home: DataDirectory, screen: Console) -> None:
    """Add the demo logins where they are missing, and print them."""
    from launcher.operator_access import add_demo_people, demo_password

    table = Table(title="Demo logins")
    table.add_column("role")
    table.add_column("e-mail address")
    for role, email in add_demo_people(home):
        table.add_row(role, email)
    screen.print(table)
    screen.print(f"Password of all: {demo_password(home)}", highlight=False, markup=False, soft_wrap=True)


def _end_demo_people(home: DataDirectory, screen: Console) -> None:
    """Deactivate the demo logins of an earlier start in development mode, and say so."""
    from launcher.operator_access import end_demo_people

    if ended := end_demo_people(home):
        screen.print(f"The demo logins are deactivated: {', '.join(ended)}", soft_wrap=True)


@click.command()
@click.pass_obj
def down(context: dict[str, Any]) -> None:
    """Stop the system; its data stays."""
    home: DataDirectory = context["home"]
    pid = running_pid(home)
    if pid:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(DOWN_SECONDS)
        except psutil.TimeoutExpired:
            click.echo(f"process {pid} did not end within {DOWN_SECONDS} s and is killed; nothing is lost", err=True)
            process.kill()
            process.wait(DOWN_SECONDS)
    _stop_database(home)
    home.delete_state()
    click.echo("stopped; the data is kept" if pid else "nothing was running")


@click.command()
@click.pass_obj
def run(context: dict[str, Any]) -> None:
    """Run the system in the foreground (what `up` starts in the background)."""
    import psycopg2
    from init_db.initialise import DatabaseUnreachable
    from service_kit.http.server import PortTaken
    from service_kit.settings import BadSettings
    from service_kit.telemetry.logs import configure_logging
    from sqlalchemy.exc import SQLAlchemyError

    from launcher.embedded import Embedded
    from launcher.postgres import PostgresFailed

    home: DataDirectory = context["home"]
    home.prepare()
    if running_pid(home):
        raise click.ClickException(f"already running (process {running_pid(home)})")
    home.write_state({"pid": os.getpid(), "ports": {}, "ready": False})
    configure_logging(os.environ.get("LOG_LEVEL", "").strip() or "INFO", sys.stdout)
    # Many threads share this process: a shorter switch interval reduces the latency of each step.
    sys.setswitchinterval(0.001)
    try:
        reason = Embedded(home, os.environ, lambda text: click.echo(text, err=True)).run()
    except BadSettings as error:
        raise click.ClickException("\n".join(["settings can't be used:", *error.faults])) from error
    except DatabaseUnreachable as error:
        raise click.ClickException(f"{error}, or DATABASE_URL where it is set") from error
    except (PortTaken, PostgresFailed, ValueError, OSError, psycopg2.Error, SQLAlchemyError) as error:
        raise click.ClickException(str(error).strip()) from error
    finally:
        home.delete_state()
    if reason:
        raise click.ClickException(reason)


@click.command()
@click.pass_obj
def status(context: dict[str, Any]) -> None:
    """Show every service and whether it is healthy; exits with 1 where one is not."""
    health = context["gateway"].get("/api/health")
    table = Table(title=f"Smart Ticket is {health['status']}")
    for column in ("service", "status", "reason"):
        table.add_column(column)
    for name, service in health["services"].items():
        table.add_row(name, service["status"], service.get("reason") or "")
    console().print(table)
    if health["status"] != "healthy":
        raise SystemExit(1)


def running_pid(home: DataDirectory) -> int | None:
    """Return the process that runs this home's system, None where none does."""
    pid = home.read_state().get("pid")
    if not isinstance(pid, int) or pid == os.getpid():
        return None
    try:
        # A number may meanwhile belong to another program.
        return pid if "launcher" in psutil.Process(pid).cmdline() else None
    except psutil.Error:
        return None


def running_port(home: DataDirectory) -> int | None:
    """Return the port of the gateway of this home's running system, None where none runs."""
    if running_pid(home) is None:
        return None
    port = home.read_state().get("ports", {}).get("api-gateway")
    return port if isinstance(port, int) else None


def gateway_url(home: DataDirectory) -> str:
    """Return the address of this home's gateway."""
    return f"http://localhost:{home.read_state().get('ports', {}).get('api-gateway', 5000)}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the background process, by force if it doesn't end in time."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(DOWN_SECONDS)


def _stop_database(home: DataDirectory) -> None:
    from launcher.postgres import EmbeddedPostgres

    root = home.database_root()
    if (root / "data").exists():
        EmbeddedPostgres(root, "").stop()
