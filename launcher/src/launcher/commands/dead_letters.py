"""Lists, shows, replays and discards dead letters."""

import json
from typing import Any

import click
from rich.table import Table

from launcher.terminal import console


@click.group("dead-letters")
def dead_letters() -> None:
    """Events that a consumer could not process: list, show, replay, discard."""


@dead_letters.command("list")
@click.option("--service", help="Only of this service, e.g. ai-service.")
@click.option("--queue", help="Only of this queue, e.g. ai-service.categorize.")
@click.option("--state", type=click.Choice(["dead", "waiting"]), help="dead: given up; waiting: will be tried again.")
@click.option("--limit", type=click.IntRange(1, 100), default=25, show_default=True)
@click.pass_obj
def list_(context: dict[str, Any], service: str | None, queue: str | None, state: str | None, limit: int) -> None:
    """List dead letters and events that wait for another attempt."""
    answer = context["gateway"].get("/api/dead-letters", service=service, queue=queue, state=state, limit=limit)
    table = Table(title=f"{answer['count']} dead or waiting")
    for column in ("service", "id", "queue", "event", "subject", "state", "attempts", "reason"):
        table.add_column(column, overflow="fold")
    for item in answer["items"]:
        table.add_row(
            item["service"], str(item["id"]), item["queue"], item["type"], item["subject"], item["state"],
            str(item["attempts"]), (item["reason"] or "")[:120],
        )  # fmt: skip
    screen = console()
    screen.print(table)
    for name in answer.get("missing", []):
        screen.print(f"[yellow]{name} did not answer; its dead letters are missing[/yellow]")


@dead_letters.command()
@click.argument("service")
@click.argument("letter_id", type=int)
@click.pass_obj
def show(context: dict[str, Any], service: str, letter_id: int) -> None:
    """Show one dead letter with its reason and its event."""
    letter = context["gateway"].get(f"/api/dead-letters/{service}/{letter_id}")
    click.echo(json.dumps(letter, indent=2, ensure_ascii=False))


@dead_letters.command()
@click.argument("service")
@click.argument("letter_ids", type=int, nargs=-1, required=True)
@click.pass_obj
def replay(context: dict[str, Any], service: str, letter_ids: tuple[int, ...]) -> None:
    """Send dead letters again, at once; the inbox keeps effects from happening twice."""
    for letter_id in letter_ids:
        context["gateway"].post(f"/api/dead-letters/{service}/{letter_id}/replay")
        click.echo(f"{service} {letter_id}: will be processed again")


@dead_letters.command()
@click.argument("service")
@click.argument("letter_ids", type=int, nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it may be thrown away; kept in the audit.")
@click.pass_obj
def discard(context: dict[str, Any], service: str, letter_ids: tuple[int, ...], reason: str) -> None:
    """Throw dead letters away, for good."""
    for letter_id in letter_ids:
        context["gateway"].post(f"/api/dead-letters/{service}/{letter_id}/discard", {"reason": reason})
        click.echo(f"{service} {letter_id}: discarded")


@click.command()
@click.argument("queue")
@click.pass_obj
def refill(context: dict[str, Any], queue: str) -> None:
    """Ask every producer to send the events of the last 7 days to QUEUE again; the inbox absorbs what comes twice."""
    context["gateway"].post(f"/api/refill/{queue}")
    click.echo(f"{queue}: refill requested")
