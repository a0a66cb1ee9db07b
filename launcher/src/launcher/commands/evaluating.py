"""Evaluate the classifier, on a file or on the company's own tickets."""

import csv
import io
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from model_kit.tables.table import BadTable
from model_kit.tables.workbook import as_csv, is_workbook, read_workbook
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from launcher.client import Gateway, explain
from launcher.figures import show_confusion, show_figures, show_overview
from launcher.files import expect_writable, read_file, write_file
from launcher.terminal import console

PATH = "/api/evaluation"
POLL_SECONDS = 0.3
MAX_UPLOAD_BYTES = 25 * 1024 * 1024
UPLOAD_SECONDS = 90
INTERRUPTED = 130
"""The exit status of a process that SIGINT ends."""


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--test", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV with the rows to test on; without it FILE is cross-validated.")  # fmt: skip
@click.option("--text", multiple=True, help="Column of the text; may be repeated. Guessed by default.")
@click.option("--label", help="Column of the label. Guessed by default.")
@click.option("--folds", type=click.IntRange(2, 10), help="Rounds of cross-validation.  [default: 5]")
@click.option("--precision", type=click.FloatRange(0.5, 0.999),
              help="Target precision of accepted answers.  [default: 0.9]")  # fmt: skip
@click.option("--per-label", type=click.IntRange(min=1), help="Train on at most so many examples of each label.")
@click.option("--delimiter", help="What separates the cells: a character, or tab. Detected by default.")
@click.option("--encoding", help="Encoding of the file, such as cp1252. Detected or guessed by default.")
@click.option("--fine-tune", is_flag=True, default=None,
              help="Tune an encoder in each round too, which takes minutes and needs torch.")  # fmt: skip
@click.option("--backtest", type=click.IntRange(20, 5_000), metavar="N",
              help="Instead of FILE: the newest N tickets that are closed or that a person routed.")  # fmt: skip
@click.option("--png", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="Write the reliability diagram there.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@click.option("--timeout", default=1_200, show_default=True, help="Seconds to wait for the end.")
@click.pass_obj
def evaluate(
    context: dict[str, Any],
    /,
    file: Path | None,
    test: Path | None,
    text: tuple[str, ...],
    backtest: int | None,
    png: Path | None,
    as_json: bool,
    timeout: int,
    **options: Any,
) -> None:
    """Evaluate the classifier on texts that it was not trained on.

    With FILE (CSV or XLSX with a header line, a column of labels and at least one of text): train on one part of it,
    test on the other. With --backtest: on the company's own tickets. With neither: show the metrics of live
    predictions.
    """
    gateway: Gateway = context["gateway"]
    screen = console()
    if (file is not None) and (backtest is not None):
        raise click.UsageError("name a FILE or --backtest, not both")
    if png is not None:
        if file is None and backtest is None:
            raise click.UsageError("--png draws an evaluation: name a FILE or --backtest too")
        # Checked now, not after minutes of evaluation.
        expect_writable(png)
    if file is None and backtest is None:
        overview = gateway.get(PATH)
        click.echo(_json(overview)) if as_json else show_overview(screen, overview)
        return
    started = _start_file(gateway, file, test, text, options) if file else _start_backtest(gateway, backtest, options)
    for note in started["plan"].get("notes", ()):
        click.echo(note, err=True)
    try:
        done = _wait(gateway, started["id"], timeout)
    except KeyboardInterrupt:
        click.echo(f"evaluation {started['id']} goes on without this command; see GET {PATH}/{started['id']}", err=True)
        raise SystemExit(INTERRUPTED) from None
    if done["state"] == "failed":
        raise click.ClickException(f"evaluation {done['id']} failed: {done['error']}")
    if png is not None:
        picture = gateway.send_with_retry("GET", f"{PATH}/{done['id']}/reliability.png")
        if picture.status_code >= 400:
            raise click.ClickException(f"there is no diagram: {explain(picture)}")
        write_file(png, picture.content)
    if as_json:
        click.echo(_json(done))
    else:
        _show(screen, done)
        if png is not None:
            screen.print(f"diagram written to {png}")


def _start_file(
    gateway: Gateway, file: Path, test: Path | None, text: tuple[str, ...], options: dict[str, Any]
) -> dict[str, Any]:
    fields = {name: str(value) for name, value in options.items() if value is not None}
    fields["name"] = file.name
    if text:
        fields["text"] = _joined(text)
    files = {"file": (file.name, _content(file), "text/csv")}
    if test is not None:
        files["test"] = (test.name, _content(test), "text/csv")
    found: dict[str, Any] = gateway.call("POST", PATH, data=fields, files=files, timeout=(2, UPLOAD_SECONDS))
    return found


def _start_backtest(gateway: Gateway, tickets: int | None, options: dict[str, Any]) -> dict[str, Any]:
    body = {"tickets": tickets} | ({"precision": options["precision"]} if options["precision"] else {})
    found: dict[str, Any] = gateway.post(f"{PATH}/backtest", body)
    return found


def _content(file: Path) -> bytes:
    """Return a file as it is, and a workbook as CSV. Raises click.ClickException."""
    content = read_file(file, MAX_UPLOAD_BYTES)
    if not is_workbook(content):
        return content
    try:
        table = read_workbook(content)
    except BadTable as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    if table.faults:
        raise click.ClickException(f"{file.name}: {table.faults[0]} ({len(table.faults)} such rows)")
    return as_csv(table)


def _joined(columns: Sequence[str]) -> str:
    """Return the names of columns separated by commas, as a line of CSV, for a name may hold a comma."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="").writerow(columns)
    return target.getvalue()


def _wait(gateway: Gateway, number: int, timeout: int) -> dict[str, Any]:
    """Wait for the end; show the current step."""
    ends = time.monotonic() + timeout
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("waiting", total=None)
        while True:
            found: dict[str, Any] = gateway.get_with_retry(f"{PATH}/{number}")
            if found["ended_at"] is not None:
                return found
            if time.monotonic() > ends:
                raise click.ClickException(
                    f"evaluation {number} has not ended after {timeout} s; it goes on, see GET {PATH}/{number}"
                )
            progress.update(task, description=found["step"] or found["state"])
            time.sleep(POLL_SECONDS)


def _show(screen: Console, done: dict[str, Any]) -> None:
    report = done["report"]
    screen.print(
        f"[bold]{done['name']}[/bold]: {report['texts']:,} texts, {report['labels']} labels, "
        f"{report['duplicates']:,} duplicates left out; always the commonest label: {report['commonest']:.1%}"
    )
    show_figures(
        screen,
        {
            "trained": report["trained"],
            "of these, no near duplicates of training texts": report.get("apart"),
            "of these, without fine-tuning": report.get("without_tuning"),
            "zero-shot (label names alone)": report["zero_shot"],
            "when they were created": report["recorded"],
            "of these, decided by people": report["recorded_by_people"],
        },
    )
    if near := report.get("near_duplicates"):
        screen.print(f"{near:,} answers were to near duplicates of training texts; they prove little about other texts")
    if report["trained"]:
        show_confusion(screen, report["trained"])
    else:
        screen.print(f"[yellow]nothing was trained: {report['reason']}[/yellow]")
    cost = report["cost"]
    screen.print(
        f"cost: {cost['cpu_ms_per_text']:.1f} ms of CPU per text, {cost['training_cpu_seconds']:.1f} CPU-seconds of "
        f"learning, {cost['tokens']} tokens, ${cost['usd']:.2f}"
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)
