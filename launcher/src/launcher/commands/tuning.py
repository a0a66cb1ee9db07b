"""Tunes a company's retrieval on its saved questions."""

import json
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from launcher.client import Gateway
from launcher.terminal import console

PATH = "/rag/tune"
POLL_SECONDS = 0.3
SHOWN_FUSIONS = 5


@click.command("tune")
@click.option("--keep", is_flag=True, help="Use the best fusion even if its gain is not sure.")
@click.option("--rollback", is_flag=True, help="Return to the default fusion.")
@click.option("--show", is_flag=True, help="Show the latest tuning and what is in use, without a new one.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--timeout", default=1_200, show_default=True, help="Seconds to wait for the end.")
@click.pass_obj
def tune(context: dict[str, Any], keep: bool, rollback: bool, show: bool, as_json: bool, timeout: int) -> None:
    """Choose how passages are ranked, on the saved questions.

    Several ways of fusing cosine and BM25 are cross-validated. The best is used if it is surely better than the
    default: if the 95 % interval of its gain is above 0.
    """
    if keep + rollback + show > 1:
        raise click.UsageError("name one of --keep, --rollback and --show")
    gateway: Gateway = context["gateway"]
    if rollback:
        gateway.call("DELETE", PATH)
        click.echo("the default is in use")
        return
    found = gateway.get(PATH) if show else _wait(gateway, gateway.post(PATH, {"keep": keep}), timeout)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        show_tuning(console(), found)
    if found["state"] == "failed":
        raise click.exceptions.Exit(1)


def show_tuning(screen: Console, found: dict[str, Any]) -> None:
    """Print a tuning: the figures before and after, the gain with its interval, and what is in use."""
    result = found["result"]
    if result is not None:
        table = Table(box=None)
        for name in ("", *(f"{each}@{result['k']}" for each in ("nDCG", "recall", "MRR"))):
            table.add_column(name, justify="right" if name else "left")
        for name, figures in (("default", result["before"]), ("tuned, on held-out questions", result["after"])):
            table.add_row(name, *(f"{figures[each]:.3f}" for each in ("ndcg", "recall", "mrr")))
        screen.print(table)
        gain = result["gain"]
        screen.print(
            f"gain in nDCG: {gain['ndcg']:+.3f}, 95 % between {gain['low']:+.3f} and {gain['high']:+.3f} "
            f"({result['folds']} folds of {result['groups']} groups of questions)"
        )
        best = ", ".join(f"{each['fusion']['name']}: {each['ndcg']:.3f}" for each in result["compared"][:SHOWN_FUSIONS])
        screen.print(f"on all questions: {best}")
    if found["reason"]:
        screen.print(found["reason"])
    screen.print(f"in use: {found['in_use']['name']}")


def _wait(gateway: Gateway, run: dict[str, Any], timeout: int) -> dict[str, Any]:
    """Wait until a tuning has ended; show how far it is."""
    ends = time.monotonic() + timeout
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("tuning", total=None)
        while run["state"] not in ("done", "failed"):
            if time.monotonic() > ends:
                raise click.ClickException(
                    f"not done after {timeout} s; it goes on, see `smart-ticket rag tune --show`"
                )
            progress.update(task, completed=run["done"], total=run["total"] or None)
            time.sleep(POLL_SECONDS)
            run = gateway.get_with_retry(PATH)
    return run
