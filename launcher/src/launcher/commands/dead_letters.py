"""Lists, shows, replays and discards dead letters: of all companies on the machine of the system."""

import json
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from launcher.terminal import console

if TYPE_CHECKING:
    from launcher.events import Events

COMPANY = click.IntRange(1, 2**31 - 1)


@click.group("dead-letters")
def dead_letters() -> None:
    """Events that a consumer could not process: list, show, replay, discard.

    On the machine where the system runs they are those of all companies, with --url or --key those of the key's
    company.
    """


@dead_letters.command("list")
@click.option("--service", help="Only of this service, e.g. ai-service.")
@click.option("--queue", help="Only of this queue, e.g. ai-service.categorize.")
@click.option("--state", type=click.Choice(["dead", "waiting"]), help="dead: given up; waiting: will be tried again.")
@click.option("--company", type=COMPANY, help="Only of the company with this id.")
@click.option("--limit", type=click.IntRange(1, 100), default=25, show_default=True)
@click.pass_obj
def list_(context: dict[str, Any], /, limit: int, **filters: Any) -> None:
    """List dead letters and events that wait for another attempt."""
    answer = context["events"]().dead_letters(limit=limit, **filters)
    table = Table(title=f"{answer['count']}{'+' if answer['next'] else ''} dead or waiting")
    for column in ("company", "service", "id", "queue", "event", "subject", "state", "attempts", "reason"):
        table.add_column(column, overflow="fold")
    for item in answer["items"]:
        table.add_row(
            str(item.get("company_id", "own")), item["service"], str(item["id"]), item["queue"], item["type"],
            item["subject"], item["state"], str(item["attempts"]), (item["reason"] or "")[:120],
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
    letter = context["events"]().dead_letter(service, letter_id)
    click.echo(json.dumps(letter, indent=2, ensure_ascii=False))


@dead_letters.command()
@click.argument("service")
@click.argument("letter_ids", type=int, nargs=-1, required=True)
@click.pass_obj
def replay(context: dict[str, Any], service: str, letter_ids: tuple[int, ...]) -> None:
    """Send dead letters again, at once; the inbox keeps effects from happening twice."""
    events: Events = context["events"]()
    for letter_id in letter_ids:
        events.replay(service, letter_id)
        click.echo(f"{service} {letter_id}: will be processed again")


@dead_letters.command()
@click.argument("service")
@click.argument("letter_ids", type=int, nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it may be thrown away; kept in the audit.")
@click.pass_obj
def discard(context: dict[str, Any], service: str, letter_ids: tuple[int, ...], reason: str) -> None:
    """Throw dead letters away, for good."""
    events: Events = context["events"]()
    for letter_id in letter_ids:
        events.discard(service, letter_id, reason)
        click.echo(f"{service} {letter_id}: discarded")


@click.command()
@click.argument("queue")
@click.pass_obj
def refill(context: dict[str, Any], queue: str) -> None:
    """Ask every producer to send the events of the last 7 days to QUEUE again; the inbox absorbs what comes twice."""
    context["gateway"].post(f"/api/refill/{queue}")
    click.echo(f"{queue}: refill requested")
