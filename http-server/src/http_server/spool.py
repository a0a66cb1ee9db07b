"""Storage of incomplete bodies: small ones in memory, large ones in unnamed temporary files."""

import io
import tempfile
from typing import IO

from http_server.refusal import Refusal

MAX_MEMORY_BYTES = 64 * 1024


class Spool:
    """Counts the bytes of all large bodies of one server.

    The number of connections bounds the small bodies, so uploads can't block them.
    """

    def __init__(self, max_bytes: int, margin_bytes: int, max_body_bytes: int = 0) -> None:
        """One body of `max_body_bytes` and pieces already read may exceed `max_bytes` by `margin_bytes` together."""
        self._max_bytes, self._margin_bytes, self._max_body_bytes = max_bytes, margin_bytes, max_body_bytes
        self.used_bytes = 0

    @property
    def full(self) -> bool:
        """Return whether further large bodies should wait."""
        return self.used_bytes >= self._max_bytes

    def can_complete(self, received_bytes: int) -> bool:
        """Return whether a body with so many bytes in the spool could grow to the largest size."""
        others = self.used_bytes - received_bytes
        return others + self._max_body_bytes <= self._max_bytes + self._margin_bytes

    def reserve(self, size: int) -> None:
        """Reserve `size` bytes; raise Refusal (503) beyond the margin."""
        if self.used_bytes + size > self._max_bytes + self._margin_bytes:
            raise Refusal(503, "Too many bodies are being received at the moment.")
        self.used_bytes += size

    def release(self, size: int) -> None:
        """Release `size` bytes."""
        self.used_bytes -= size


class Body:
    """One request's body. Only the event loop's thread calls its methods."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._file: IO[bytes] = io.BytesIO()
        self._reserved = 0
        self._on_disk = False
        self.size = 0

    def append(self, data: bytes) -> None:
        """Add received bytes; raise Refusal (503) where the spool or its disk is full."""
        self.size += len(data)
        try:
            if self.size > MAX_MEMORY_BYTES:
                self._spool.reserve(self.size - self._reserved)
                self._reserved = self.size
                if not self._on_disk:
                    self._move_to_disk()
            self._file.write(data)
        except OSError as error:
            raise Refusal(503, "The body can't be stored at the moment.") from error

    @property
    def spooled(self) -> bool:
        """Return whether the body uses the spool."""
        return self._reserved > 0

    def stream(self) -> IO[bytes]:
        """Return the body as a stream at its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Delete the body and release its bytes."""
        self._file.close()
        self._spool.release(self._reserved)
        self._reserved = 0

    def _move_to_disk(self) -> None:
        memory, self._on_disk = self._file, True
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        memory.seek(0)
        self._file.write(memory.read())
