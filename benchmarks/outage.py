"""Is creating tickets as quick while RabbitMQ is down? `python -m benchmarks.outage`"""

import tempfile
import time
from pathlib import Path

from eventbus.testing.rabbitmq_node import RabbitNode

from benchmarks import load
from benchmarks.create import requests_to
from benchmarks.machine import percentile
from benchmarks.report import Row, Table
from benchmarks.stored import ask
from tests.stack import Stack

CLIENTS = 8
GOAL_MS = 200
UNROUTED = "select count(*) from ticket.tickets where department is null"


def main(seconds: float = 10) -> Table:
    """Stop a node of the benchmark's own, create tickets, start it, wait until all are routed."""
    table = Table("Creating tickets through the gateway while RabbitMQ is down, 8 clients")
    with tempfile.TemporaryDirectory(prefix="st-bench-") as folder:
        Path(folder).chmod(0o755)
        node = RabbitNode(Path(folder))
        node.start()
        try:
            with Stack(settings={"HTTP_WORKERS": "2"}, rabbitmq_url=node.url) as stack:
                load.run(stack.url, requests_to(stack, "api-gateway"), clients=CLIENTS, seconds=2)
                node.stop()
                outcome = load.run(stack.url, requests_to(stack, "api-gateway"), clients=CLIENTS, seconds=seconds)
                p99 = percentile(outcome.took, 0.99) * 1e3
                good = set(outcome.statuses) == {201}
                table.rows.append(
                    Row(
                        "p99 of POST",
                        f"{p99:.0f} ms",
                        f"< {GOAL_MS} ms",
                        p99 < GOAL_MS and good,
                        f"{outcome.rate:.0f}/s, answers {outcome.statuses}",
                    )
                )
                node.start()
                began = time.monotonic()
                while (left := ask(stack, UNROUTED)[0][0]) and time.monotonic() - began < 120:
                    time.sleep(0.2)
                table.rows.append(
                    Row(
                        "all routed after RabbitMQ is back",
                        f"{time.monotonic() - began:.1f} s",
                        "",
                        None,
                        f"{len(outcome.took):,} tickets had waited, {left} left",
                    )
                )
        finally:
            node.kill()
    return table


if __name__ == "__main__":
    main().show()
