"""Reads one mail from the standard input, in a process of its own that is started for it alone.

The first line is JSON with the options, the rest is the mail. The answer is JSON, or with `file` the bytes of that
file. A mail that takes too long or too much memory ends this process alone.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import orjson

from notification_service.adapters import mail_libraries
from notification_service.domain.mail.html_text import without_tags
from notification_service.domain.mail.message import Unreadable
from notification_service.domain.mail.read_mail import NO_FAILURES, Failures, Reading, read

STEP_SECONDS = 2.0
"""How much processor time one step of a library may take; its result is optional."""
CPU_SECONDS = 10
MEMORY_BYTES = 2 * 1024**3
UNREADABLE = 65
"""The exit status for a mail that can't be read; the answer is the reason then.

Not the error output: libraries write there what they stumble over."""

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


def main() -> int:
    """Read, and return the exit status."""
    _limit()
    options = orjson.loads(sys.stdin.buffer.readline())
    raw = sys.stdin.buffer.read()
    try:
        reading = read(raw, LimitedLibraries(), options["own_addresses"])
    except Unreadable as error:
        sys.stdout.write(str(error))
        return UNREADABLE
    position = options.get("file")
    if position is None:
        sys.stdout.buffer.write(orjson.dumps(to_json(reading)))
    elif position < len(reading.mail.files):
        sys.stdout.buffer.write(reading.mail.files[position].content)
    else:
        sys.stdout.write("it has no such file")
        return UNREADABLE
    return 0


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows, where the parent's deadline alone counts

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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
    sys.exit(main())
