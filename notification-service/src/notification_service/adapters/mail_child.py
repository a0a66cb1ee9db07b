"""Reads mails from the standard input one after the other, in a process with limits that does nothing else.

A request is a line of JSON with the options and the size of the mail, and then the mail. An answer is a line of JSON
with the outcome and a size, and then JSON, or with `file` the bytes of that file. A mail that takes too long or too
much memory ends this process alone.
"""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import orjson

from notification_service.adapters import mail_libraries
from notification_service.domain.mail.html_text import without_tags
from notification_service.domain.mail.message import Unreadable
from notification_service.domain.mail.read_mail import NO_FAILURES, Failures, Reading, read

STEP_SECONDS = 2.0
"""How much processor time one step of a library may take; its result is optional."""
CPU_SECONDS = 10
"""How much processor time one mail may take."""
MEMORY_BYTES = 2 * 1024**3
GROWN_BYTES = 256 * 1024**2
"""A process that has more memory than this after a mail reads no further one, where the system tells its size."""
IDLE_SECONDS = 60
"""A process that gets no mail for so long ends."""

Result = TypeVar("Result")


class TooSlow(BaseException):
    """A step took too long. Not an Exception: libraries catch those."""


class LimitedLibraries:
    """The libraries, each within its time. A result that fails or is late is left out."""

    def __init__(self) -> None:
        self._was_late = False

    def guess(self, content: bytes) -> str | None:
        """Return the text of bytes by statistics, None where nothing fits."""
        return _within(lambda: mail_libraries.guess(content), None)

    def sanitise(self, html: str) -> str:
        """Return HTML without what is no text; without any tag where that takes too long."""
        found = None if self._was_late else _within_kernel_time(lambda: mail_libraries.sanitise(html))
        self._was_late = found is None
        return without_tags(html) if found is None else found

    def strip_quotes(self, text: str) -> str:
        """Return a text without the mail that it quotes."""
        return _within(lambda: mail_libraries.strip_quotes(text), text)

    def failures(self, raw: bytes) -> Failures:
        """Return the addresses that the report of a mail server names."""
        return _within(lambda: mail_libraries.failures(raw), NO_FAILURES)


def to_json(reading: Reading) -> dict[str, Any]:
    """Return a reading without the contents of files."""
    mail = vars(reading.mail) | {
        "files": [
            {"position": each.position, "name": each.name, "content_type": each.content_type, "size": each.size}
            for each in reading.mail.files
        ]
    }
    return {**vars(reading), "mail": mail}


def main() -> None:
    """Read mails until the input ends, nothing comes for a while, or this process has grown too large."""
    requests, answers = sys.stdin.buffer, _answers()
    _limit()
    is_last = False
    while not is_last and _waits(requests) and (line := requests.readline()):
        options = orjson.loads(line)
        raw = requests.read(options["size"])
        _limit_time()
        readable, content = answer(raw, options)
        is_last = _has_grown()
        head = {"readable": readable, "size": len(content), "last": is_last}
        answers.write(orjson.dumps(head) + b"\n" + content)
        answers.flush()


def answer(raw: bytes, options: dict[str, Any]) -> tuple[bool, bytes]:
    """Return whether a mail could be read, and what was asked of it; the reason where it could not."""
    try:
        reading = read(raw, LimitedLibraries(), options["own_addresses"])
    except Unreadable as error:
        return False, str(error).encode("utf-8", "replace")
    position = options.get("file")
    if position is None:
        return True, orjson.dumps(to_json(reading))
    if position < len(reading.mail.files):
        return True, reading.mail.files[position].content
    return False, b"it has no such file"


def _answers() -> IO[bytes]:
    """Return the output for answers; what libraries print goes nowhere from now on."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return answers


def _waits(requests: IO[bytes]) -> bool:
    """Return whether a request, or the end of the input, comes in time."""
    if os.name == "nt":  # no select for pipes there
        return True
    return bool(select.select([requests], [], [], IDLE_SECONDS)[0])


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows, where the parent's deadline alone counts

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _limit_time() -> None:
    """Limit the processor time of the next mail: the system counts all that this process has used."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _has_grown() -> bool:
    # The largest size that `resource` knows begins with that of the process that has started this one.
    with contextlib.suppress(OSError, ImportError):
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize() > GROWN_BYTES
    return False


def _within(step: Callable[[], Result], otherwise: Result) -> Result:
    try:
        with _alarm():
            return step()
    except (TooSlow, Exception):
        return otherwise


def _within_kernel_time(step: Callable[[], str]) -> str | None:
    """Return the result of a step that runs no Python code, so that no handler of a signal can interrupt it.

    It runs in a fork, which the kernel ends where it takes too long: None then.
    """
    if not hasattr(os, "fork"):
        return step()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Nothing may return from here into the code of the parent.
        try:
            os.close(reading)
            signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_VIRTUAL, STEP_SECONDS)
            with os.fdopen(writing, "wb") as output:
                output.write(step().encode("utf-8", "replace"))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as source:
        found = source.read()
    _, status = os.waitpid(child, 0)
    return found.decode() if status == 0 else None


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, STEP_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


if __name__ == "__main__":
    main()
