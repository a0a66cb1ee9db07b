"""One WSGI server with the benchmark's application: `python -m benchmarks.serving_candidates NAME PORT`."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

THREADS = 32
BODY = b'{"text": "' + b"x" * 300 + b'"}'
END = b'"}'
PIECES, PIECE_SECONDS = 20, 0.05


def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Answer 300 bytes; `/upload` reads the body, `/stream` sends a piece every 50 ms."""
    if environ["PATH_INFO"] == "/stream":
        start("200 OK", [("Content-Type", "text/event-stream")])
        return stream()
    body = BODY
    if environ["PATH_INFO"] == "/upload":
        size = 0
        while piece := environ["wsgi.input"].read(65536):
            size += len(piece)
        body = b'{"size": "%d"}' % size
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def stream() -> Iterator[bytes]:
    """Yield small pieces with pauses."""
    for _ in range(PIECES):
        yield b"data: x\n\n"
        time.sleep(PIECE_SECONDS)


def ours(port: int) -> None:
    """Serve with http-server."""
    from http_server.server import HttpServer, new_event_loop

    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(HttpServer(application, [listener], threads=THREADS).serve())


def gthread(port: int) -> None:
    """Serve with gunicorn's gthread worker."""
    options = ["-k", "gthread", "--threads", str(THREADS), "-b", f"127.0.0.1:{port}", "--keep-alive", "15"]
    program = [sys.executable, "-m", "gunicorn", *options, "benchmarks.serving_candidates:application"]
    os.execv(sys.executable, program)


def waitress(port: int) -> None:
    """Serve with waitress."""
    import waitress as server

    server.serve(application, host="127.0.0.1", port=port, threads=THREADS, connection_limit=4000,
                 asyncore_use_poll=True)  # fmt: skip


def cheroot(port: int) -> None:
    """Serve with cheroot."""
    from cheroot import wsgi

    wsgi.Server(("127.0.0.1", port), application, numthreads=THREADS, max=THREADS, request_queue_size=128).safe_start()


def hypercorn(port: int) -> None:
    """Serve with hypercorn."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind, config.wsgi_max_body_size = [f"127.0.0.1:{port}"], 30_000_000
    asyncio.run(serve(application, config, mode="wsgi"))


def uvicorn(port: int) -> None:
    """Serve with uvicorn and a2wsgi."""
    import uvicorn as server
    from a2wsgi import WSGIMiddleware

    server.run(WSGIMiddleware(application, workers=THREADS), host="127.0.0.1", port=port, log_level="error")


def granian(port: int) -> None:
    """Serve with granian."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian("benchmarks.serving_candidates:application", address="127.0.0.1", port=port, interface=Interfaces.WSGI,
            blocking_threads=THREADS, log_enabled=False).serve()  # fmt: skip


CANDIDATES: dict[str, tuple[Callable[[int], None], str]] = {
    "http-server": (ours, "http_server"),
    "gunicorn gthread": (gthread, "gunicorn"),
    "waitress": (waitress, "waitress"),
    "cheroot": (cheroot, "cheroot"),
    "hypercorn": (hypercorn, "hypercorn"),
    "uvicorn, a2wsgi": (uvicorn, "a2wsgi"),
    "granian": (granian, "granian"),
}
"""By name: how it is started, and the package that must be installed."""

if __name__ == "__main__":
    CANDIDATES[sys.argv[1]][0](int(sys.argv[2]))
