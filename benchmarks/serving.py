"""What slow clients cost the others, per WSGI server. `python -m benchmarks.serving`

The same small application behind http-server and behind every other server that is installed (`pip install waitress
cheroot hypercorn uvicorn a2wsgi granian` adds them), one process with 32 threads each, one after the other in one run.
"Others" are requests of one client each 10 ms, over new connections, while the slow clients are connected.
"""

import http.client
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil

from benchmarks.report import Row, Table
from benchmarks.serving_candidates import CANDIDATES, END

SLOW, CARELESS, CLIENTS = 1000, 20, 16
LOAD_SECONDS, WATCH_SECONDS, PATIENCE_SECONDS = 4.0, 4.0, 10.0
UPLOAD_BYTES = 25 * 1024 * 1024 - 1024
KEPT = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSED = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
HALF_HEAD = b"GET /x HTTP/1.1\r\nHo"
HALF_BODY = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc"


@contextmanager
def served(name: str) -> Iterator[tuple[int, psutil.Process]]:
    """Start a candidate; yield its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.serving_candidates", name, str(port)]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} doesn't listen")
            time.sleep(0.05)
        yield port, psutil.Process(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time of a process and its children."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):
            times = each.cpu_times()
            total += times.user + times.system
    return total


def answer(connection: socket.socket) -> bool:
    """Read one answer of the application; return False where the server closes before its end."""
    received = b""
    while END not in received:
        piece = connection.recv(65536)
        if not piece:
            return False
        received += piece
    return True


def load(port: int) -> int:
    """Return how many requests the clients got answered over kept connections."""
    counts = [0] * CLIENTS
    ends = time.monotonic() + LOAD_SECONDS

    def ask(number: int) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < ends:
                connection.sendall(KEPT)
                if not answer(connection):
                    return
                counts[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def others(port: int) -> str:
    """Return the median and 99th percentile of requests over new connections, in milliseconds."""
    seconds: list[float] = []
    ends = time.monotonic() + WATCH_SECONDS
    while time.monotonic() < ends:
        began, answered = time.perf_counter(), False
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            connection.sendall(CLOSED)
            answered = answer(connection)
        if not answered:
            return f"no answer within {PATIENCE_SECONDS:.0f} s"
        seconds.append(time.perf_counter() - began)
        time.sleep(0.01)
    seconds.sort()
    return f"{seconds[len(seconds) // 2] * 1e3:.1f} / {seconds[int(len(seconds) * 0.99)] * 1e3:.1f} ms"


def among(port: int, count: int, *sent: bytes) -> str:
    """Return what `others` see while so many connections have sent this and stay open."""
    with ExitStack() as stack:
        for number in range(count):
            try:
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))
                connection.sendall(sent[number % len(sent)])
            except OSError:
                break
        return others(port)


def upload(port: int) -> str:
    """Return how long 25 MB take, as a form."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    try:
        form = {"Content-Type": "multipart/form-data; boundary=b"}
        connection.request("POST", "/upload", b"x" * UPLOAD_BYTES, form)
        status = connection.getresponse().status
    except OSError as error:
        return type(error).__name__
    finally:
        connection.close()
    return f"{(time.perf_counter() - began) * 1e3:.0f} ms" if status == 200 else str(status)


def first_piece(port: int) -> str:
    """Return how long the first piece of a stream takes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        began, received = time.perf_counter(), b""
        connection.sendall(KEPT.replace(b"/x", b"/stream"))
        while b"data:" not in received:
            received += connection.recv(65536)
        return f"{(time.perf_counter() - began) * 1e3:.1f} ms"


def measure(name: str) -> tuple[float, float, str]:
    """Return requests per second, CPU milliseconds a request, and the rest in words."""
    with served(name) as (port, process):
        load(port)
        before = cpu_seconds(process)
        count = load(port)
        cost = (cpu_seconds(process) - before) * 1e3 / max(count, 1)
        said = [
            f"alone {others(port)}",
            f"beside {SLOW} half requests {among(port, SLOW, HALF_HEAD, HALF_BODY)}",
            f"beside {CARELESS} that don't close {among(port, CARELESS, CLOSED)}",
            f"25 MB {upload(port)}",
            f"a stream's first piece {first_piece(port)}",
        ]
    return count / LOAD_SECONDS, cost, "; ".join(said)


def main() -> Table:
    """Measure every server that is installed."""
    table = Table("WSGI servers and slow clients: others' requests, p50 / p99")
    reference = 0.0
    for name, (_, package) in CANDIDATES.items():
        if importlib.util.find_spec(package) is None:
            continue
        rate, cost, besides = measure(name)
        reference = reference or rate
        table.rows.append(
            Row(name, f"× {rate / reference:.2f}", besides=f"{rate:.0f}/s, {cost:.3f} ms of CPU; {besides}")
        )
    return table


if __name__ == "__main__":
    main().show()
