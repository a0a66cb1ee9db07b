"""Send tickets from a table through the gateway and show where they went."""

import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from launcher.client import Gateway
from launcher.dashboard import show_dashboard
from launcher.files import expect_writable, write_file
from launcher.imports.journal import Journal, journal_file, keys_of
from launcher.imports.priorities import PRIORITIES, Priorities
from launcher.imports.rows import FIELDS, Refused, column_of, read_table, rejected_file, ticket_rows
from launcher.imports.run import Import
from launcher.imports.sending import Stopped
from launcher.imports.waiting import disagreements, wait_counted
from launcher.terminal import console

SHOWN_FAULTS = 20
INTERRUPTED, TERMINATED = 130, 143
"""The exit statuses of a process that SIGINT or SIGTERM ends."""
DEMO_FIELDS = tuple(field for field in FIELDS if field != "department")


class Terminated(KeyboardInterrupt):
    """SIGTERM came."""


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


def _meanings(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
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
              help="What 1 means where priorities are numbers.")  # fmt: skip
@click.option("--priority-as", multiple=True, callback=_meanings, metavar="WORD=PRIORITY",
              help="What a word means, such as 'Sev A=urgent'; may be given again.")  # fmt: skip
@click.option("--department", help="Column with the department that people chose: each ticket is put there as by you, "
              "and learnt from. Departments that are missing are made.")  # fmt: skip
@click.option("--delimiter", default="", help="What separates the cells: a character, or tab. Found out without it.")
@click.option("--encoding", default="", help="Encoding of the file, such as cp1252. Found out or guessed without it.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the rows that were refused there, with their lines and reasons.")  # fmt: skip
@click.option("--again", is_flag=True, help="Send the rows that an earlier import of FILE sent once more.")
@click.option("--limit", type=click.IntRange(min=1), help="Send only the first LIMIT rows.")
@click.option("--timeout", default=300, show_default=True, help="Seconds to wait until every ticket is routed.")
@click.pass_obj
def import_csv(
    context: dict[str, Any],
    file: Path,
    priority_1: str,
    priority_as: Mapping[str, str],
    delimiter: str,
    encoding: str,
    rejected: Path | None,
    again: bool,
    limit: int | None,
    timeout: int,
    **columns: str | None,
) -> None:
    """Send every row of FILE (CSV or XLSX with a header line) as a ticket; show progress, then the dashboard.

    A row that is refused is reported with its line and the rest goes on; the exit status is then 1. The same command
    again, after an interruption or a mended row, sends only what is not there yet.
    """
    if rejected is not None:
        if rejected.resolve() == file.resolve():
            raise click.UsageError("--rejected must be another file than FILE")
        expect_writable(rejected)
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
    gateway: Gateway = context["gateway"]
    system = f"{gateway.url} {gateway.key_digest}"
    journal = Journal(journal_file(context["home"].root / "imports", file, system))
    if again:
        journal.begin_anew()
    keys = keys_of(file, [row.ticket for row in rows], journal.salt)
    task = Import(rows, keys, refused, journal, again)
    try:
        _send(gateway, task, timeout)
    finally:
        journal.close()
        if rejected is not None and task.refused:
            write_file(rejected, rejected_file(table.header, task.refused))
            click.echo(f"the rows that were refused are in {rejected}", err=True)


def _send(gateway: Gateway, task: Import, timeout: int) -> None:
    """Send the rows, wait until all are routed, show the dashboard, compare the counts."""
    before = gateway.get("/api/dashboard/summary")
    screen = console()
    started = time.monotonic()
    try:
        with _terminable():
            task.run(gateway, screen, timeout)
            _show(gateway, task, screen, before, started, timeout)
    except Stopped as reason:
        _say_refused(task.refused)
        raise click.ClickException(f"{reason}\n{_how_far(task)}") from reason
    except KeyboardInterrupt as reason:
        _say_refused(task.refused)
        click.echo(f"\nstopped: {_how_far(task)}", err=True)
        raise SystemExit(TERMINATED if isinstance(reason, Terminated) else INTERRUPTED) from reason


def _show(
    gateway: Gateway, task: Import, screen: Console, before: dict[str, Any], started: float, timeout: int
) -> None:
    seconds = time.monotonic() - started
    screen.print(f"{len(task.sent)} tickets sent and {len(task.routed)} routed in {seconds:.1f} s")
    if task.before:
        screen.print(f"{len(task.before)} rows were sent by an earlier import; --again sends them once more")
    after = wait_counted(gateway, before["total_tickets"] + len(task.sent), started + timeout)
    show_dashboard(screen, after)
    faults = list(task.faults)
    if task.waiting:
        faults.append(f"{task.waiting} tickets have no department after {timeout} s; see `smart-ticket doctor`")
    placed = any(row.department for row in task.rows)
    if not placed:
        # A ticket that was moved may be counted a moment later at its new place.
        faults += disagreements(before, after, Counter(task.routed.values()))
    _say_refused(task.refused)
    for fault in faults:
        click.echo(fault, err=True)
    if task.refused or faults:
        raise SystemExit(1)
    agree = "" if placed else " and the counts agree"
    screen.print(f"[green]every ticket has a department{agree}[/green]")


def _say_refused(refused: list[Refused]) -> None:
    if not refused:
        return
    for each in sorted(refused, key=lambda each: each.line)[:SHOWN_FAULTS]:
        click.echo(str(each), err=True)
    more = f"; {len(refused) - SHOWN_FAULTS} more than shown" if len(refused) > SHOWN_FAULTS else ""
    click.echo(f"{len(refused)} rows refused{more}", err=True)


def _how_far(task: Import) -> str:
    there = len(task.sent) + len(task.before)
    command = "The same command without --again" if task.again else "The same command again"
    if task.left:
        return (
            f"{there} of {len(task.rows)} rows are sent, {task.left} are not. {command} goes on from there; "
            "no row becomes a ticket twice."
        )
    return (
        f"all {there} rows are sent. {command} puts them into their departments where that is left; "
        "no row becomes a ticket twice."
    )


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
