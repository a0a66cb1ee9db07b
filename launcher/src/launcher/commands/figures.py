"""Rebuilds a company's figures from the event log."""

import time
from typing import Any
from uuid import uuid4

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from launcher.client import Gateway
from launcher.terminal import console

PATH = "/api/analytics/rebuild"
POLL_SECONDS = 0.3


@click.group()
def analytics() -> None:
    """Maintain the figures of the dashboard."""


@analytics.command("rebuild")
@click.option("--timeout", default=3_600, show_default=True, help="Seconds to wait for the end.")
@click.pass_obj
def rebuild(context: dict[str, Any], timeout: int) -> None:
    """Rebuild the company's figures from its event log; the result is the same, without deleted tickets."""
    gateway: Gateway = context["gateway"]
    # A repeated send (the client tries again where the system is busy) requests one rebuild.
    run = gateway.post(PATH, headers={"Idempotency-Key": str(uuid4())})
    number, ends = run["number"], time.monotonic() + timeout
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console()) as progress:
        task = progress.add_task("counting", total=None)
        while run["number"] == number and run["state"] != "done":
            if time.monotonic() > ends:
                raise click.ClickException(f"not done after {timeout} s; it goes on")
            progress.update(task, completed=run["done"], total=run["total"] or None)
            time.sleep(POLL_SECONDS)
            run = gateway.get(PATH)
    click.echo(f"figures rebuilt from {run['done']} entries of the log")
