"""Measure how right the answers are, on a file or on the company's own tickets, and show it."""

import json
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from launcher.client import Gateway
from launcher.figures import show_confusion, show_figures, show_overview
from launcher.terminal import console

PATH = "/api/evaluation"
LOOK_SECONDS = 0.3
MOST_BYTES = 25 * 1024 * 1024
UPLOAD_SECONDS = 90


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--test", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV with the rows to test on; without it FILE is cross-validated.")  # fmt: skip
@click.option("--text", multiple=True, help="Column of the text; may be named again. Guessed where it isn't named.")
@click.option("--label", help="Column of the label. Guessed where it isn't named.")
@click.option("--folds", type=click.IntRange(2, 10), help="Rounds of cross-validation.  [default: 5]")
@click.option("--precision", type=click.FloatRange(0.5, 0.999),
              help="So many of the answers that are believed shall be right.  [default: 0.9]")  # fmt: skip
@click.option("--per-label", type=click.IntRange(min=1), help="Learn from so many examples of each label only.")
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
    file: Path | None,
    test: Path | None,
    text: tuple[str, ...],
    backtest: int | None,
    png: Path | None,
    as_json: bool,
    timeout: int,
    **options: Any,
) -> None:
    """Measure how right the answers are, on texts that were not learnt from.

    With FILE (CSV with a header line, a column of labels and at least one of text): train on one part of it, test on
    the other. With --backtest: on the company's own tickets. With neither: show how the tickets of today were judged.
    """
    gateway: Gateway = context["gateway"]
    screen = console()
    if (file is not None) and (backtest is not None):
        raise click.UsageError("name a FILE or --backtest, not both")
    if file is None and backtest is None:
        overview = gateway.get(PATH)
        click.echo(_json(overview)) if as_json else show_overview(screen, overview)
        return
    asked = _ask_file(gateway, file, test, text, options) if file else _ask_backtest(gateway, backtest, options)
    done = _wait(gateway, asked["id"], timeout)
    if done["state"] == "failed":
        raise click.ClickException(f"evaluation {done['id']} failed: {done['error']}")
    if png is not None:
        png.write_bytes(gateway.send("GET", f"{PATH}/{done['id']}/reliability.png").content)
    if as_json:
        click.echo(_json(done))
    else:
        _show(screen, done)
        if png is not None:
            screen.print(f"diagram written to {png}")


def _ask_file(
    gateway: Gateway, file: Path, test: Path | None, text: tuple[str, ...], options: dict[str, Any]
) -> dict[str, Any]:
    fields = {name: str(value) for name, value in options.items() if value is not None}
    fields["name"] = file.name
    if text:
        fields["text"] = ",".join(text)
    files = {"file": (file.name, _content(file), "text/csv")}
    if test is not None:
        files["test"] = (test.name, _content(test), "text/csv")
    found: dict[str, Any] = gateway.call("POST", PATH, data=fields, files=files, timeout=(2, UPLOAD_SECONDS))
    return found


def _ask_backtest(gateway: Gateway, tickets: int | None, options: dict[str, Any]) -> dict[str, Any]:
    body = {"tickets": tickets} | ({"precision": options["precision"]} if options["precision"] else {})
    found: dict[str, Any] = gateway.post(f"{PATH}/backtest", body)
    return found


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise click.ClickException(f"{file.name} is larger than {MOST_BYTES >> 20} MB; send a part of it")
    return content


def _wait(gateway: Gateway, number: int, timeout: int) -> dict[str, Any]:
    """Wait for the end, telling what is done meanwhile."""
    ends = time.monotonic() + timeout
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("waiting", total=None)
        while True:
            found: dict[str, Any] = gateway.get(f"{PATH}/{number}")
            if found["ended_at"] is not None:
                return found
            if time.monotonic() > ends:
                raise click.ClickException(
                    f"evaluation {number} has not ended after {timeout} s; it goes on, see GET {PATH}/{number}"
                )
            progress.update(task, description=found["step"] or found["state"])
            time.sleep(LOOK_SECONDS)


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
            "of these without fine-tuning": report.get("without_tuning"),
            "first day (label names alone)": report["first_day"],
            "said when they came": report["said_then"],
            "of these decided by people": report["said_then_by_people"],
        },
    )
    if report["trained"]:
        show_confusion(screen, report["trained"])
    else:
        screen.print(f"[yellow]nothing was trained: {report['reason']}[/yellow]")
    cost = report["cost"]
    screen.print(
        f"cost: {cost['cpu_ms_per_text']:.1f} ms of CPU per text, {cost['learning_cpu_seconds']:.1f} CPU-seconds of "
        f"learning, {cost['tokens']} tokens, ${cost['usd']:.2f}"
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)
