"""Parses a file in a sandboxed process, and validates the process's reply."""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from threading import BoundedSemaphore
from typing import IO

from service_kit.telemetry.logs import get_logger

from rag_service.adapters.parsing import protocol
from rag_service.adapters.parsing.cleaning import one_line, short
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, Unreadable

CHILD = "rag_service.adapters.parsing.child"
READ_BYTES = 1 << 18
ELAPSED_PER_CPU_SECOND = 3
"""A process that has a third of a core still reaches its limit of CPU time before that of elapsed time."""
SPARE_SECONDS = 1.0
"""Time for starting the process and writing the reply."""

log = get_logger(__name__)


class LimitedParser:
    """The parser of untrusted files; safe in any thread.

    Each file gets a process of its own, so an exploit ends with it. The process is a fresh interpreter, never a fork
    with this one's threads and memory.
    """

    def __init__(self, limits: Limits | None = None, *, at_once: int = 2) -> None:
        """`at_once`: how many processes run in parallel; further callers wait."""
        self._limits = limits or Limits()
        self._slots = BoundedSemaphore(at_once)

    def parse(self, data: bytes, kind: str, name: str) -> Parsed:
        """Return a file's text; raise Unreadable. `kind` is one of pdf, word, excel, csv, text, html, markdown."""
        if not data:
            raise Unreadable("empty", "The file is empty.")
        with self._slots:
            reply = self._run(data, kind)
        found = protocol.validated(reply, self._limits)
        return found if found.title else replace(found, title=_title(name))

    def _run(self, data: bytes, kind: str) -> bytes:
        # -I: neither the working directory nor PYTHON… variables affect imports.
        command = [sys.executable, "-I", "-m", CHILD, kind, str(os.getpid()), self._limits.to_json()]
        ends = time.monotonic() + self._limits.seconds * ELAPSED_PER_CPU_SECOND + SPARE_SECONDS
        with _as_file(data) as file:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # An empty environment, because this service's holds passwords and keys.
                env={"LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        reply: bytes | None = None
        try:
            reply = self._read_reply(process, ends)
        finally:
            # Killed before `wait`, so that the process id is still its own; the group includes any child process.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
            assert process.stdout is not None
            process.stdout.close()
        if not reply:
            self._explain(code, kind)
        return reply

    def _read_reply(self, process: "subprocess.Popen[bytes]", ends: float) -> bytes:
        """Return the process's output. Raises Unreadable if it takes too long or is too large."""
        assert process.stdout is not None
        out = process.stdout.fileno()
        parts: list[bytes] = []
        left = protocol.max_reply_bytes(self._limits)
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0.0, ends - time.monotonic())):
                    raise self._too_slow()
                part = os.read(out, READ_BYTES)
                if not part:
                    return b"".join(parts)
                left -= len(part)
                if left < 0:
                    raise Unreadable("too_large", "The file holds more text than one may; split it.")
                parts.append(part)

    def _explain(self, code: int, kind: str) -> None:
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            raise self._too_slow()
        log.warning("a parser ended without a word", kind=kind, code=code)
        raise protocol.DAMAGED

    def _too_slow(self) -> Unreadable:
        return Unreadable("too_slow", f"Reading the file took more than {self._limits.seconds} s; split it.")


def _title(name: str) -> str:
    """Return a file's name without its folders and its ending."""
    stem = one_line(PurePath(name.replace("\\", "/")).stem)
    return short(stem, protocol.MAX_NAME_CHARACTERS) or "document"


def _as_file(data: bytes) -> IO[bytes]:
    """Return an open file of the data that has no name, in memory where the system can."""
    in_memory = hasattr(os, "memfd_create")
    file: IO[bytes] = os.fdopen(os.memfd_create("document"), "w+b") if in_memory else tempfile.TemporaryFile()  # noqa: SIM115
    file.write(data)
    file.flush()
    file.seek(0)
    return file
