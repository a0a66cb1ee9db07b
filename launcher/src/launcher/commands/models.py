"""See, train, promote and roll back the company's models."""

import time
from typing import Any

import click
import requests
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from launcher.client import Gateway
from launcher.figures import show_everyday, show_models
from launcher.terminal import console

POLL_SECONDS = 0.3
UNDER_WAY_SECONDS = 2.0
"""Between two requests for a training while another one is under way."""


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """Show the company's models with their figures; train, promote or roll back one."""
    if context.invoked_subcommand is None:
        _show(context.obj["gateway"])


@models.command("train")
@click.option("--timeout", default=1_200, show_default=True, help="Seconds to wait for the end.")
@click.pass_obj
def train_model(context: dict[str, Any], timeout: int) -> None:
    """Train a model on what people decided; it serves if it is better and everyday tickets don't become worse.

    The table shows predictions for 60 everyday tickets of all departments before and after. Fewer correct answers
    in all, two fewer in one department, or two more misrouted tickets keep a model from serving. A training that is
    under way already ends first.
    """
    gateway: Gateway = context["gateway"]
    ends = time.monotonic() + timeout
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("waiting", total=None)
        run = _requested(gateway, ends)
        while run["ended_at"] is None:
            if time.monotonic() > ends:
                raise click.ClickException(f"training {run['id']} has not ended after {timeout} s; it goes on")
            progress.update(task, description=run["step"] or run["state"])
            time.sleep(POLL_SECONDS)
            run = gateway.get(f"/api/training/{run['id']}")
    if run["state"] == "failed":
        raise click.ClickException(f"training {run['id']} failed: {run['error']}")
    report = run["report"] or {}
    if everyday := report.get("everyday"):
        show_everyday(console(), everyday)
    for reason in report.get("reasons", []):
        click.echo(f"it does not serve: {reason}")
    _show(gateway)


@models.command("promote")
@click.argument("version")
@click.pass_obj
def promote_model(context: dict[str, Any], version: str) -> None:
    """Let model VERSION serve; no restart is needed."""
    gateway: Gateway = context["gateway"]
    gateway.post(f"/api/models/{version}/promote")
    _show(gateway)


@models.command("rollback")
@click.pass_obj
def roll_back_model(context: dict[str, Any]) -> None:
    """Let the model serve that did so before, or none."""
    gateway: Gateway = context["gateway"]
    gateway.post("/api/models/rollback")
    _show(gateway)


def _requested(gateway: Gateway, ends: float) -> Any:
    """Request a training, after the one that is under way; return its run.

    `ends` is the time of `time.monotonic` until which a training under way is waited for.
    """
    while (response := gateway.send("POST", "/api/training", json={})).status_code == requests.codes.conflict:
        if time.monotonic() > ends:
            break
        time.sleep(UNDER_WAY_SECONDS)
    return gateway.checked(response)


def _show(gateway: Gateway) -> None:
    encoder = gateway.get("/api/models", limit=1)["encoder"]
    found = list(gateway.every("/api/models"))
    click.echo(f"encoder: {encoder or 'none, or not ready yet; see the log of ai-service'}")
    if found:
        show_models(console(), found)
    else:
        click.echo("there is no trained model yet; people's decisions start a training, and so does `models train`")
