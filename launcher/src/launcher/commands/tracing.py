"""Shows the hops of one ticket's events through the services."""

from typing import Any

import click
from rich.table import Table

from launcher.terminal import console


@click.command()
@click.argument("ticket_id", type=click.IntRange(min=1))
@click.pass_obj
def trace(context: dict[str, Any], ticket_id: int) -> None:
    """Show the hops of ticket TICKET_ID's events, with the time each event spent in its queue."""
    way = context["gateway"].get(f"/api/tickets/{ticket_id}/trace")
    table = Table(title=f"Ticket {ticket_id}")
    for column in ("time", "service", "step", "event", "in queue", "outcome"):
        table.add_column(column, justify="right" if column == "in queue" else "left", overflow="fold")
    for hop in way["hops"]:
        queued = hop.get("queue_ms")
        table.add_row(
            hop["at"][11:23],
            hop["service"],
            hop["step"],
            hop["event"],
            "" if queued is None else f"{queued:.1f} ms",
            hop.get("outcome") or "",
        )
    screen = console()
    screen.print(table)
    if way.get("total_ms") is not None:
        screen.print(f"{way['total_ms']:.1f} ms from the first event to the last effect")
    for service in way.get("missing", []):
        screen.print(f"[yellow]{service} did not answer; its hops are missing[/yellow]")
