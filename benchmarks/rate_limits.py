"""What do rate limits cost per request, in memory and in a shared store? `python -m benchmarks.rate_limits`

As in `benchmarks.authentication`: CPU of the thread that handles a forwarded GET, in short turns. Beside it the time
that the store's round trip takes, of which the CPU is a part. Without redis-server the store is left out.
"""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from threading import Thread

from api_gateway.gateway import Gateway
from api_gateway.rate_limits.redis_store import RedisCounts
from api_gateway.rate_limits.windows import Hit
from api_gateway.service import SERVICE
from auth_service.adapters.access_tokens import AccessTokenSigner

from benchmarks.authentication import ADA, PRIVATE, SEED, Services, microseconds
from benchmarks.gateways import UNLIMITED
from benchmarks.machine import median_ratio, percentile
from benchmarks.report import Row, Table

REQUESTS, TURNS = 50, 101
START_SECONDS = 30
ROUND_TRIPS = 2_000


@contextlib.contextmanager
def redis_server() -> Iterator[str | None]:
    """Yield the address of a Redis server, None where its program isn't installed."""
    if shutil.which("redis-server") is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="st-redis-") as folder:
        socket = Path(folder) / "redis"
        arguments = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not socket.exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait()


def main(requests: int = REQUESTS, turns: int = TURNS) -> Table:
    """Send requests without limits and with them, in turns."""
    table = Table(f"Rate limits in the gateway: CPU of a GET that it forwards, {requests} requests, {turns} turns")
    token = AccessTokenSigner("smart-ticket", PRIVATE).sign(ADA)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Services)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with redis_server() as store, contextlib.ExitStack() as stack:
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        kinds = {"counted in this process": {"RATE_LIMITS": "on"}}
        if store:
            kinds["counted in Redis"] = {
                "RATE_LIMITS": "on",
                "RATE_LIMIT_STORE_URL": store,
                "RATE_LIMIT_STORE_SECONDS": "5",
            }
        without = _gateway(url, {"RATE_LIMITS": "off"})
        stack.callback(without.close)
        gateways = {name: _gateway(url, settings) for name, settings in kinds.items()}
        pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for gateway in (without, *gateways.values()):
            microseconds(gateway, lambda: token, requests)
        for _ in range(turns):
            for name, gateway in gateways.items():
                with_it = microseconds(gateway, lambda: token, requests)
                pairs[name].append((with_it, microseconds(without, lambda: token, requests)))
        for gateway in gateways.values():
            gateway.close()
        for name, taken in pairs.items():
            ratio, _ = median_ratio(taken)
            low, _, high = quantiles((with_it / alone for with_it, alone in taken), n=4)
            ours, alone = (median(each) for each in zip(*taken, strict=True))
            besides = f"{ours:.0f} against {alone:.0f} µs of CPU without; half of the ratios {low:.2f}–{high:.2f}"
            table.rows.append(Row(name, f"× {ratio:.2f}", besides=besides))
        table.rows.append(_round_trip(store) if store else Row("Redis", "–", besides="redis-server must be installed"))
    return table


def _gateway(url: str, settings: dict[str, str]) -> Gateway:
    given = {
        "SMARTTICKET_ENV": "production", "INTERNAL_SIGNING_KEY": SEED, "TICKET_SERVICE_URL": url,
        "AUTH_SERVICE_URL": url, "GATEWAY_HOSTS": "desk.example", **UNLIMITED, **settings,
    }  # fmt: skip
    made: Gateway = SERVICE.instance(SERVICE.read_settings(given)).create_app()
    return made


def _round_trip(url: str) -> Row:
    hits = [Hit(f"{kind}:bench", 10_000_000, 1) for kind in ("address", "user", "company")]
    took = []
    with contextlib.closing(RedisCounts(url, seconds=5, connections=1)) as store:
        for _ in range(ROUND_TRIPS):
            began = time.perf_counter()
            store.hit(hits)
            took.append(1e3 * (time.perf_counter() - began))
    return Row("round trip, p50", f"{percentile(took, 0.5):.2f} ms", besides=f"p99 {percentile(took, 0.99):.2f} ms")


if __name__ == "__main__":
    main().show()
