"""A service that costs little: answers every request with the same JSON. `python -m benchmarks.stub_service PORT`

It stands for auth-service too, whose keys come from STUB_JWKS. By path: below `/api/tickets/` nothing is ever answered
where STUB_HANGS is set; where STUB_SLOTS is set so many requests at a time take STUB_SECONDS each and the others wait.
"""

import asyncio
import os
import sys
from typing import Any

import uvloop

HANGS = "STUB_HANGS" in os.environ
SECONDS = float(os.environ.get("STUB_SECONDS", "0.02"))
SLOTS = int(os.environ.get("STUB_SLOTS", "0"))
BODY = b'{"status": "fine", "text": "' + b"x" * 200 + b'"}'
ANSWERS = {
    b"/api/tickets/2": b'{"text": "' + b"x" * 250_000 + b'"}',
    b"/.well-known/jwks.json": os.environ.get("STUB_JWKS", '{"keys": []}').encode(),
    b"/internal/revocations": b'{"items": []}',
}


def response(body: bytes) -> bytes:
    """Return the bytes of an answer."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Service(asyncio.Protocol):
    """One connection, which sends one request after the other; bodies are ignored, and none is expected."""

    slots: asyncio.Semaphore

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport, self._received = transport, b""
        self._tasks: set[asyncio.Task[None]] = set()

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            if HANGS and path.startswith(b"/api/tickets/"):
                continue
            answer = response(ANSWERS.get(path, BODY))
            if SLOTS and path not in ANSWERS:
                task = asyncio.get_running_loop().create_task(self._later(answer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                self._transport.write(answer)

    async def _later(self, answer: bytes) -> None:
        async with self.slots:
            await asyncio.sleep(SECONDS)
        self._transport.write(answer)


async def main(port: int) -> None:
    """Serve until the process is ended."""
    Service.slots = asyncio.Semaphore(SLOTS or 1)
    server = await asyncio.get_running_loop().create_server(Service, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
