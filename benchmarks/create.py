"""How fast are tickets created, against PostgreSQL alone? `python -m benchmarks.create [PAIRS [SECONDS]]`"""

import sys
import time
from collections.abc import Callable

from service_kit.identity import Caller, TokenSigner
from service_kit.service_settings import development_signing_key

from benchmarks import load, pgbench
from benchmarks.machine import CpuClock, median_ratio, percentile
from benchmarks.report import Row, Table
from benchmarks.stored import posted
from tests.stack import Stack

CLIENTS = 32
DIRECT, GATEWAY = 0.20, 0.15


def requests_to(stack: Stack, service: str) -> Callable[[int], bytes]:
    """Return what writes a POST to the gateway, or to ticket-service as the gateway would."""
    signer = TokenSigner("api-gateway", development_signing_key("api-gateway"))
    caller = Caller(company_id=1, role="admin", subject="1", name="Benchmark")

    def make(number: int) -> bytes:
        headers = {"Prefer": "respond-async"}
        if service != "api-gateway":
            headers["X-Internal-Token"] = signer.sign(caller, service)
        return load.request(stack.url_of(service), "POST", "/api/tickets", headers, posted(number))

    return make


def without_workers() -> Stack:
    """Return a stack of the services that create a ticket, without relays and consumers: creating is measured alone."""
    return Stack(settings={"HTTP_WORKERS": "2", "ROLE": "http"}, services=("ticket-service", "api-gateway"))


def probe_cpu_ms(seconds: float = 4) -> float:
    """Return the CPU ms that pgbench and its server spend per ticket, in a system without workers."""
    with without_workers() as stack:
        pgbench.run(stack, clients=CLIENTS, seconds=1)
        return pgbench.run(stack, clients=CLIENTS, seconds=seconds)[1]


def main(pairs: int = 5, seconds: float = 4) -> Table:
    """Interleave pgbench and both roads; the workers rest meanwhile, so that creating is measured alone."""
    ratios: dict[str, list[tuple[float, float]]] = {"ticket-service": [], "api-gateway": []}
    told: dict[str, list[load.Outcome]] = {"ticket-service": [], "api-gateway": []}
    cpu: dict[str, float] = {}
    with without_workers() as stack:
        for service in ratios:
            load.run(stack.url_of(service), requests_to(stack, service), clients=CLIENTS, seconds=1)
        for _ in range(pairs):
            for service, results in ratios.items():
                probe, _ = pgbench.run(stack, clients=CLIENTS, seconds=seconds)
                clock = CpuClock(stack)
                outcome = load.run(stack.url_of(service), requests_to(stack, service), clients=CLIENTS, seconds=seconds)
                assert set(outcome.statuses) == {201}, outcome.statuses
                spent = sum(used for name, used in clock.used().items() if name in ("ticket-service", "api-gateway"))
                cpu[service] = spent / len(outcome.took) * 1e3
                results.append((outcome.rate, probe))
                told[service].append(outcome)
                time.sleep(0.5)
    table = Table("Creating tickets, 32 clients, 2 workers, against pgbench -M simple with the same statement")
    for service, goal in (("ticket-service", DIRECT), ("api-gateway", GATEWAY)):
        ratio, spread = median_ratio(ratios[service])
        rates = sorted(rate for rate, _ in ratios[service])
        took = [each for outcome in told[service] for each in outcome.took]
        table.rows.append(
            Row(
                f"POST to {service}",
                f"{ratio:.3f} of pgbench",
                f"≥ {goal}",
                ratio >= goal,
                f"{rates[len(rates) // 2]:,.0f}/s, pgbench {ratios[service][0][1]:,.0f}/s, p50 "
                f"{percentile(took, 0.5) * 1e3:.1f} ms, p99 {percentile(took, 0.99) * 1e3:.1f} ms, "
                f"{cpu[service]:.2f} ms of CPU in our processes, ratios spread {spread:.2f}",
            )
        )
    return table


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
