"""Bodies that wait until they are complete: small ones in memory, large ones in files without a name."""

import io
import tempfile
from typing import IO

from http_server.refusal import Refusal

MAX_MEMORY_BYTES = 64 * 1024


class Spool:
    """What all large bodies of one server take together, in bytes.

    Small bodies are bounded by the number of connections, so that uploads can't keep them out.
    """

    def __init__(self, max_bytes: int, margin_bytes: int) -> None:
        """`margin_bytes` may be taken beyond `max_bytes`: by the oldest body, and by pieces that were read already."""
        self._max_bytes, self._margin_bytes = max_bytes, margin_bytes
        self.used_bytes = 0

    @property
    def full(self) -> bool:
        """Tell whether further large bodies should wait."""
        return self.used_bytes >= self._max_bytes

    def take(self, size: int) -> None:
        """Reserve `size` bytes; raise Refusal (503) beyond the margin."""
        if self.used_bytes + size > self._max_bytes + self._margin_bytes:
            raise Refusal(503, "Too many bodies are being received at the moment.")
        self.used_bytes += size

    def give_back(self, size: int) -> None:
        """Release `size` bytes."""
        self.used_bytes -= size


class Body:
    """One request's body while it is received. Only the event loop's thread calls its methods."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._file: IO[bytes] = io.BytesIO()
        self._taken = 0
        self._on_disk = False
        self.size = 0

    def append(self, data: bytes) -> None:
        """Add received bytes; raise Refusal (503) where the spool is full or its disk is."""
        self.size += len(data)
        try:
            if self.size > MAX_MEMORY_BYTES:
                self._spool.take(self.size - self._taken)
                self._taken = self.size
                if not self._on_disk:
                    self._move_to_disk()
            self._file.write(data)
        except OSError as error:
            raise Refusal(503, "The body can't be stored at the moment.") from error

    @property
    def spooled(self) -> bool:
        """Tell whether the body takes room in the spool."""
        return self._taken > 0

    def stream(self) -> IO[bytes]:
        """Return the body as a stream at its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Forget the body."""
        self._file.close()
        self._spool.give_back(self._taken)
        self._taken = 0

    def _move_to_disk(self) -> None:
        memory, self._on_disk = self._file, True
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        memory.seek(0)
        self._file.write(memory.read())
