"""How many tickets does a job create in the time of single calls? `python -m benchmarks.bulk [PAIRS]`"""

import sys
import time

import requests

from benchmarks import load
from benchmarks.create import requests_to
from benchmarks.machine import CpuClock, median_ratio
from benchmarks.report import Row, Table
from benchmarks.stored import posted
from tests.stack import Stack

CLIENTS = (1, 8)
TICKETS = 1_000
SECONDS = 4


def main(pairs: int = 5) -> Table:
    """Interleave single calls and jobs. Other services' workers rest: creating is measured alone."""
    ratios: dict[int, list[tuple[float, float]]] = {clients: [] for clients in CLIENTS}
    cpu = dict.fromkeys((*CLIENTS, 0), 0.0)
    # rag-service refuses to be split while its vectors are embedded; without relays of others it has nothing to do.
    working = {name: {"ROLE": "both"} for name in ("ticket-service", "rag-service")}
    with Stack(settings={"ROLE": "http"}, of=working) as stack:
        load.run(stack.url, requests_to(stack, "api-gateway"), clients=max(CLIENTS), seconds=1)
        job_rate(stack)
        for _ in range(pairs):
            for clients, results in ratios.items():
                clock = CpuClock(stack)
                outcome = load.run(stack.url, requests_to(stack, "api-gateway"), clients=clients, seconds=SECONDS)
                assert set(outcome.statuses) == {201}, outcome.statuses
                cpu[clients] = sum(clock.used().values()) / len(outcome.took) * 1e3
                clock = CpuClock(stack)
                rate = job_rate(stack)
                cpu[0] = sum(clock.used().values()) / TICKETS * 1e3
                results.append((rate, outcome.rate))
    table = Table(f"Creating {TICKETS:,} tickets by a job, against single calls through the gateway")
    for clients, results in ratios.items():
        ratio, spread = median_ratio(results)
        job, single = (sorted(column)[len(results) // 2] for column in zip(*results, strict=True))
        table.rows.append(
            Row(
                f"a job, against {clients} client{'s' if clients > 1 else ''}",
                f"{ratio:.2f} of single calls",
                "",
                None,
                f"{job:,.0f}/s, single calls {single:,.0f}/s; {cpu[0]:.2f} and {cpu[clients]:.2f} ms of CPU a ticket "
                f"in our processes, ratios spread {spread:.2f}",
            )
        )
    return table


def job_rate(stack: Stack) -> float:
    """Create tickets by a job and return how many a second, from sending the request to the last result."""
    began = time.perf_counter()
    tickets = [posted(number) for number in range(TICKETS)]
    answer = requests.post(f"{stack.url}/api/tickets/bulk", json={"tickets": tickets}, timeout=30)
    assert answer.status_code == 202, answer.text
    while (job := stack.get(answer.headers["Location"]))["state"] in ("queued", "running"):
        time.sleep(0.02)
    assert job["counts"]["succeeded"] == TICKETS
    return TICKETS / (time.perf_counter() - began)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
