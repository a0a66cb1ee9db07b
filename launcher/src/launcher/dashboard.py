"""The dashboard summary as tables with bars."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

BAR = 30


def show_dashboard(console: Console, summary: Mapping[str, Any]) -> None:
    """Print counts by department and by status and the totals."""
    by_department = dict(summary["by_department"])
    if summary["unrouted"]:
        by_department["(not routed yet)"] = summary["unrouted"]
    for title, counts in (("Department", by_department), ("Status", summary["by_status"])):
        table = Table(title=f"Tickets by {title.lower()}")
        table.add_column(title, min_width=18)
        table.add_column("tickets", justify="right")
        table.add_column("", width=BAR)
        largest = max(counts.values(), default=0) or 1
        for name, count in counts.items():
            table.add_row(name, str(count), "█" * round(BAR * count / largest))
        console.print(table)
    confidence = summary["average_confidence"]
    console.print(
        f"{summary['total_tickets']} tickets, {summary['recent_tickets_24h']} in the last 24 hours, "
        f"average confidence {'–' if confidence is None else confidence}"
    )
