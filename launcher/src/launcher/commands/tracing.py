"""Shows the hops of one ticket's events through the services."""

from typing import Any

import click
from rich.table import Table

from launcher.commands.dead_letters import COMPANY
from launcher.terminal import console


@click.command()
@click.argument("ticket_id", type=click.IntRange(1, 2**63 - 1))
@click.option("--company", type=COMPANY, help="Only if the ticket belongs to the company with this id.")
@click.pass_obj
def trace(context: dict[str, Any], ticket_id: int, company: int | None) -> None:
    """Show the hops of ticket TICKET_ID's events, with the time each event spent in its queue.

    On the machine where the system runs it is a ticket of any company; with --url or --key one of the key's company.
    """
    way = context["events"]().trace(ticket_id, company=company)
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
