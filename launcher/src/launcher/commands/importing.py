"""Send tickets from a table through the gateway and show where they went."""

import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from launcher.client import Gateway
from launcher.dashboard import show_dashboard
from launcher.data_directory import DataDirectory
from launcher.files import expect_writable, write_file
from launcher.imports.journal import Journal, journal_file, keys_of
from launcher.imports.polling import disagreements, wait_counted
from launcher.imports.priorities import PRIORITIES, Priorities
from launcher.imports.rows import FIELDS, Refused, TicketRow, column_of, read_table, rejected_file, ticket_rows
from launcher.imports.run import Import
from launcher.imports.sending import Stopped
from launcher.terminal import console

MAX_SHOWN_ROWS = 20
INTERRUPTED, TERMINATED = 130, 143
"""The exit statuses of a process that SIGINT or SIGTERM ends."""
DEMO_FIELDS = tuple(field for field in FIELDS if field != "department")


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived."""


@click.command()
@click.option("--timeout", default=60, show_default=True, help="Seconds to wait until every ticket is routed.")
@click.pass_obj
def demo(context: dict[str, Any], timeout: int) -> None:
    """Send fifty varied tickets and show the dashboard."""
    source = resources.files("launcher") / "data" / "demo_tickets.csv"
    with resources.as_file(source) as path:
        table = read_table(path, {})
        rows, refused = ticket_rows(table, {field: field for field in DEMO_FIELDS}, Priorities(()), None)
        keys = keys_of(path, [row.ticket for row in rows], salt=str(uuid.uuid4()))
    _send(context["gateway"], Import(rows, keys, refused, Journal(None)), timeout)


def _parse_meanings(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        written, _, priority = value.rpartition("=")
        if not written or priority.strip().casefold() not in PRIORITIES:
            raise click.BadParameter(f"{value}: write it like 'Kritisch=urgent', with one of {', '.join(PRIORITIES)}.")
        found[written] = priority.strip().casefold()
    return found


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="Column with the title; without it the beginning of the description is the title.")
@click.option("--description", required=True, help="Column with the description.")
@click.option("--user-name", help="Column with the requester's name.")
@click.option("--user-email", help="Column with the requester's e-mail address.")
@click.option("--priority", help="Column with the priority, in the words of most systems, or 1 to 5.")
@click.option("--priority-1", type=click.Choice(["urgent", "low"]), default="urgent", show_default=True,
              help="Meaning of 1 where priorities are numbers.")  # fmt: skip
@click.option("--priority-as", multiple=True, callback=_parse_meanings, metavar="WORD=PRIORITY",
              help="Meaning of a word, such as 'Sev A=urgent'; may be repeated.")  # fmt: skip
@click.option("--department", help="Column with the department that people chose: each ticket is assigned to it in "
              "your name and used for training. Missing departments are created.")  # fmt: skip
@click.option("--delimiter", default="", help="Separator of cells: a character, or tab. Detected by default.")
@click.option("--encoding", default="", help="Encoding of the file, such as cp1252. Detected or guessed by default.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the refused rows to this file, with lines and reasons.")  # fmt: skip
@click.option("--again", is_flag=True, help="Send all rows again, also those that an earlier import sent.")
@click.option("--limit", type=click.IntRange(min=1), help="Send only the first LIMIT rows.")
@click.option("--timeout", default=300, show_default=True, help="Seconds to wait until every ticket is routed.")
@click.pass_obj
def import_csv(
    context: dict[str, Any], /, file: Path, rejected: Path | None, again: bool, timeout: int, **options: Any
) -> None:
    """Send every row of FILE (CSV or XLSX with a header line) as a ticket; show progress, then the dashboard.

    Refused rows are reported with their lines and the others are sent; the exit status is then 1. The same command
    again, after an interruption or a correction, sends only the missing rows.
    """
    _check_rejected(rejected, file)
    header, rows, refused = _read_rows(file, **options)
    gateway: Gateway = context["gateway"]
    journal = _open_journal(context["home"], file, gateway, again)
    keys = keys_of(file, [row.ticket for row in rows], journal.salt)
    task = Import(rows, keys, refused, journal, again)
    try:
        _send(gateway, task, timeout)
    finally:
        journal.close()
        _write_rejected(rejected, header, task.refused)


def _check_rejected(rejected: Path | None, file: Path) -> None:
    """Raise if the refused rows can't be written there, before anything is sent."""
    if rejected is None:
        return
    if rejected.resolve() == file.resolve():
        raise click.UsageError("--rejected must be another file than FILE")
    expect_writable(rejected)


def _read_rows(
    file: Path,
    *,
    priority_1: str,
    priority_as: Mapping[str, str],
    delimiter: str,
    encoding: str,
    limit: int | None,
    **columns: str | None,
) -> tuple[Sequence[str], list[TicketRow], list[Refused]]:
    """Read the file; return its header, the tickets to send and the refused rows. Reports how it was read."""
    used = {name: column for name, column in columns.items() if column}
    table = read_table(file, used, delimiter=delimiter, encoding=encoding)
    click.echo(f"{file.name}: {len(table.rows) + len(table.faults):,} rows, {table.how}")
    if table.guessed:
        click.echo(f"the encoding is a guess; it reads {table.guessed!r}. --encoding names another", err=True)
    priorities = Priorities(column_of(table, used["priority"]) if "priority" in used else (), priority_1, priority_as)
    rows, refused = ticket_rows(table, used, priorities, limit)
    for line in priorities.shown():
        click.echo(line)
    if not rows and not refused:
        raise click.ClickException(f"{file.name} has no rows")
    return table.header, rows, refused


def _open_journal(home: DataDirectory, file: Path, gateway: Gateway, again: bool) -> Journal:
    """Open the journal of this file, system and key; `again` restarts it, so that all rows are sent again."""
    system = f"{gateway.url} {gateway.key_digest}"
    journal = Journal(journal_file(home.root / "imports", file, system))
    if again:
        journal.restart()
    return journal


def _write_rejected(rejected: Path | None, header: Sequence[str], refused: Sequence[Refused]) -> None:
    if rejected is not None and refused:
        write_file(rejected, rejected_file(header, refused))
        click.echo(f"the rows that were refused are in {rejected}", err=True)


def _send(gateway: Gateway, task: Import, timeout: int) -> None:
    """Run the import and show its result; SIGINT, SIGTERM and a system that is down report the progress."""
    before = gateway.get("/api/dashboard/summary")
    screen = console()
    started = time.monotonic()
    try:
        with _terminable():
            task.run(gateway, screen, timeout)
            _show(gateway, task, screen, before, started, timeout)
    except Stopped as reason:
        _print_refused(task.refused)
        raise click.ClickException(f"{reason}\n{_progress_of(task)}") from reason
    except KeyboardInterrupt as reason:
        _print_refused(task.refused)
        click.echo(f"\nstopped: {_progress_of(task)}", err=True)
        raise SystemExit(TERMINATED if isinstance(reason, Terminated) else INTERRUPTED) from reason


def _show(
    gateway: Gateway, task: Import, screen: Console, before: dict[str, Any], started: float, timeout: int
) -> None:
    seconds = time.monotonic() - started
    screen.print(f"{len(task.sent)} tickets sent and {len(task.routed)} routed in {seconds:.1f} s")
    if task.already_sent:
        screen.print(f"{len(task.already_sent)} rows were sent by an earlier import; --again sends them once more")
    after = wait_counted(gateway, before["total_tickets"] + len(task.sent), started + timeout)
    show_dashboard(screen, after)
    faults = list(task.faults)
    if task.unrouted:
        faults.append(f"{task.unrouted} tickets have no department after {timeout} s; see `smart-ticket doctor`")
    assigned = any(row.department for row in task.rows)
    if not assigned:
        # The dashboard may count a reassigned ticket a moment later.
        faults += disagreements(before, after, Counter(task.routed.values()))
    _print_refused(task.refused)
    for fault in faults:
        click.echo(fault, err=True)
    if task.refused or faults:
        raise SystemExit(1)
    agree = "" if assigned else " and the counts agree"
    screen.print(f"[green]every ticket has a department{agree}[/green]")


def _print_refused(refused: list[Refused]) -> None:
    if not refused:
        return
    for row in sorted(refused, key=lambda row: row.line)[:MAX_SHOWN_ROWS]:
        click.echo(str(row), err=True)
    more = f"; {len(refused) - MAX_SHOWN_ROWS} more than shown" if len(refused) > MAX_SHOWN_ROWS else ""
    click.echo(f"{len(refused)} {'row' if len(refused) == 1 else 'rows'} refused{more}", err=True)


def _progress_of(task: Import) -> str:
    sent = len(task.sent) + len(task.already_sent)
    command = "The same command without --again" if task.again else "The same command again"
    if task.unsent:
        return (
            f"{sent} of {len(task.rows)} rows are sent, {task.unsent} are not. {command} goes on from there; "
            "no row becomes a ticket twice."
        )
    return f"all {sent} rows are sent. {command} assigns the remaining departments; no row becomes a ticket twice."


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM stop an import as Ctrl-C does."""

    def stop(*_: object) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
