"""What the gateway costs beside nginx: both forward to the same upstream. `python -m benchmarks.proxying`

The gateway checks a token, a host and the route, counts against its limits and writes every header anew; nginx only
forwards. The upstream is an nginx too, which answers a constant. Needs nginx and wrk, which costs little.
"""

import re
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import gateways
from benchmarks.machine import median_ratio
from benchmarks.report import Row, Table

PAIRS = 5
SECONDS = 3
CLIENTS = 32
WORKERS = 2
PLACES = "/usr/local/bin:/usr/bin:/usr/sbin"
GOAL_SHARE, GOAL_MS = 0.05, 1.0
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
CONFIGURATION = """
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    default_type application/json;
    keepalive_requests 1000000;
    {server}
}}
"""
UPSTREAM = """
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location = /.well-known/jwks.json {{ return 200 '{jwks}'; }}
        location = /internal/revocations {{ return 200 '{{"items": []}}'; }}
        location / {{ return 200 '{body}'; }}
    }}
"""
PROXY = """
    upstream service {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 1000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
"""
BODY = '{"id": 1, "title": "%s"}' % ("x" * 200)


class Measured(NamedTuple):
    """Answers per second, and their median time in ms."""

    rate: float
    p50: float


def main(pairs: int = PAIRS) -> Table:
    """Measure the gateway, nginx and the upstream itself in turns."""
    table = Table(f"The gateway and nginx in front of the same upstream, {WORKERS} processes each, {pairs} turns")
    missing = [name for name in ("nginx", "wrk") if shutil.which(name, path=PLACES) is None]
    if missing:
        table.rows.append(Row("not measured", "–", besides=f"{' and '.join(missing)} must be installed"))
        return table
    with gateways.folder() as one, gateways.folder() as two, gateways.folder() as three:
        upstream = _nginx(one, UPSTREAM, jwks=gateways.JWKS, body=BODY)
        proxy = _nginx(two, PROXY, upstream=upstream.port)
        gateway = gateways.gateway({"": upstream}, three, HTTP_WORKERS=str(WORKERS))
        with gateways.running(upstream, proxy, gateway):
            _measure(gateway, CLIENTS)
            full = [(_measure(gateway, CLIENTS), _measure(proxy, CLIENTS)) for _ in range(pairs)]
            single = [(_measure(gateway, 1), _measure(proxy, 1), _measure(upstream, 1)) for _ in range(pairs)]
    share, spread = median_ratio((ours.rate, theirs.rate) for ours, theirs in full)
    added = median(ours.p50 - direct.p50 for ours, _, direct in single)
    nginx_added = median(theirs.p50 - direct.p50 for _, theirs, direct in single)
    rates = [median(each.rate for each in side) for side in zip(*full, strict=True)]
    alone = median(direct.p50 for _, _, direct in single)
    table.rows = [
        Row(f"answers a second, {CLIENTS} clients", f"{share:.3f} of nginx", f"≥ {GOAL_SHARE}", share >= GOAL_SHARE,
            f"{rates[0]:,.0f}/s against {rates[1]:,.0f}/s, ratios spread {spread:.2f}"),
        Row("p50 added to the upstream's, 1 client", f"{added:.2f} ms", f"≤ {GOAL_MS:.0f} ms", added <= GOAL_MS,
            f"nginx adds {nginx_added:.2f} ms; alone the upstream takes {alone:.2f} ms"),
    ]  # fmt: skip
    return table


def _nginx(folder: str, server: str, **values: object) -> gateways.Program:
    path = Path(folder) / "nginx.conf"
    program = gateways.Program(["/usr/sbin/nginx", "-p", folder, "-c", str(path)], {}, "/")
    text = CONFIGURATION.format(workers=WORKERS, folder=folder, server=server.format(port=program.port, **values))
    path.write_text(text, encoding="utf-8")
    return program


def _measure(program: gateways.Program, clients: int) -> Measured:
    headers = [text for name, value in gateways.bearer().items() for text in ("-H", f"{name}: {value}")]
    arguments = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--latency", *headers, f"{program.url}/api/tickets/1"]
    output = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    assert "Socket errors" not in output, output
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    half = re.search(r"50%\s+([\d.]+)(us|ms|s)", output)
    assert rate, output
    assert half, output
    return Measured(float(rate[1]), float(half[1]) * UNITS[half[2]])


if __name__ == "__main__":
    main().show()
