"""Reads mails in a few child processes with limits, so that no mail takes this process with it.

A process reads many mails, one after the other: starting one takes longer than reading a hundred mails. It is replaced
after a number of mails, once it has grown, and after a mail that ended it.
"""

import os
import subprocess
import sys
import weakref
from collections.abc import Collection
from contextlib import suppress
from threading import BoundedSemaphore, Lock, Timer
from typing import Any

import orjson

from notification_service.domain.inbound import READER_MAILS, READERS
from notification_service.domain.mail.message import (
    MAX_BYTES,
    MailFile,
    MailKind,
    ReadingInterrupted,
    ReadMail,
    Unreadable,
)
from notification_service.domain.mail.read_mail import Reading

MAX_REASON_CHARACTERS = 300
MAX_ANSWER_BYTES = 4 * MAX_BYTES
MAX_PROCESSES = 3
"""How many processes one reading may use up."""
KILLED = -9
"""The exit status of a process that SIGKILL has ended."""
END_SECONDS = 2.0
"""How long a process that has closed its output may take to end."""
_COMMAND = (sys.executable, "-m", "notification_service.adapters.mail_child")
_TUPLES = ("recipients", "references", "returned_ids", "actions", "faults")


class ReaderEnded(Exception):
    """A reading process has ended without an answer."""


class ReaderProcess:
    """A child process that reads one mail at a time."""

    def __init__(self) -> None:
        # No variable of this process: some are secrets. Windows starts no program without its own.
        found = None if os.name == "nt" else {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(  # noqa: S603 - a fixed command; the mails are its input
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=found
        )
        self.mails = 0
        self.is_last = False
        """It reads no further mail."""
        self.was_late = False
        self._status: int | None = None

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def was_killed(self) -> bool:
        """Return whether something else has ended the process, such as a machine without memory.

        The limits of the process itself end it by other signals or by an exception.
        """
        return not self.was_late and self._status == KILLED

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process.poll() is None

    def ask(self, options: dict[str, Any], raw: bytes, seconds: float) -> tuple[bool, bytes]:
        """Return whether a mail could be read, and the answer or the reason; raise ReaderEnded.

        A process that takes longer than `seconds` is ended; `was_late` is true then.
        """
        self.mails += 1
        deadline = Timer(seconds, self._end_late)
        deadline.daemon = True
        deadline.start()
        try:
            return self._ask(options, raw)
        except (OSError, ValueError, KeyError, ReaderEnded) as error:
            # Its own exit status tells what has ended it.
            with suppress(subprocess.TimeoutExpired):
                self._status = self._process.wait(END_SECONDS)
            raise ReaderEnded from error
        finally:
            deadline.cancel()

    def end(self) -> None:
        """End the process and wait for its end."""
        self._process.kill()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        self._process.wait()

    def _ask(self, options: dict[str, Any], raw: bytes) -> tuple[bool, bytes]:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(orjson.dumps({**options, "size": len(raw)}) + b"\n")
        requests.write(raw)
        requests.flush()
        head = orjson.loads(answers.readline())
        content = answers.read(min(head["size"], MAX_ANSWER_BYTES))
        if len(content) != head["size"]:
            raise ReaderEnded
        self.is_last = bool(head["last"])
        return bool(head["readable"]), content

    def _end_late(self) -> None:
        self.was_late = True
        self._process.kill()


class ReaderPool:
    """Reads mails, or their files, in up to `readers` processes; threads share it and take turns."""

    def __init__(self, readers: int = READERS, mails: int = READER_MAILS, seconds: float = 60.0) -> None:
        """Start nothing yet. `mails`: how many one process reads; `seconds`: the whole time that one mail may take."""
        self._mails, self._seconds = mails, seconds
        self._places, self._lock = BoundedSemaphore(readers), Lock()
        self._idle: list[ReaderProcess] = []
        self.close = weakref.finalize(self, _end_all, self._idle)
        """Ends the processes; the end of this process does so too."""

    def read(self, raw: bytes, own_addresses: Collection[str]) -> Reading:
        """Return what a mail says, with files without their contents; raise Unreadable."""
        return _reading(orjson.loads(self._ask({"own_addresses": sorted(own_addresses)}, raw)))

    def file(self, raw: bytes, position: int) -> bytes:
        """Return the content of a file of a mail; raise Unreadable."""
        return self._ask({"own_addresses": [], "file": position}, raw)

    def pids(self) -> list[int]:
        """Return the numbers of the processes that wait for a mail."""
        with self._lock:
            return [each.pid for each in self._idle]

    def _ask(self, options: dict[str, Any], raw: bytes) -> bytes:
        with self._places:
            readable, content = self._answer(options, raw)
        if not readable:
            raise Unreadable(content.decode("utf-8", "replace")[:MAX_REASON_CHARACTERS])
        return content

    def _answer(self, options: dict[str, Any], raw: bytes) -> tuple[bool, bytes]:
        """Return the answer of a process.

        Raises Unreadable where the mail ends a process that has read no other one, and ReadingInterrupted where
        something else ends all that are tried.
        """
        for tried in range(MAX_PROCESSES):
            # Earlier mails may have ended a process that is not new.
            reader = ReaderProcess() if tried else self._take()
            is_new = reader.mails == 0
            try:
                return self._answer_of(reader, options, raw)
            except ReaderEnded as error:
                if is_new and not reader.was_killed():
                    raise self._reason(reader) from error
        raise ReadingInterrupted(f"{MAX_PROCESSES} processes that read it were ended")

    def _answer_of(self, reader: ReaderProcess, options: dict[str, Any], raw: bytes) -> tuple[bool, bytes]:
        try:
            answer = reader.ask(options, raw, self._seconds)
        except BaseException:
            reader.end()
            raise
        self._put_back(reader)
        return answer

    def _reason(self, reader: ReaderProcess) -> Unreadable:
        if reader.was_late:
            return Unreadable(f"reading it took more than {self._seconds:g} seconds")
        return Unreadable("reading it took too much time or memory")

    def _take(self) -> ReaderProcess:
        with self._lock:
            # The one that worked last: the others end by themselves where they aren't needed.
            while self._idle:
                reader = self._idle.pop()
                if reader.is_alive():
                    return reader
                reader.end()
        return ReaderProcess()

    def _put_back(self, reader: ReaderProcess) -> None:
        if reader.is_last or reader.was_late or reader.mails >= self._mails:
            reader.end()
            return
        with self._lock:
            self._idle.append(reader)


def _end_all(idle: list[ReaderProcess]) -> None:
    while idle:
        idle.pop().end()


def _reading(found: dict[str, Any]) -> Reading:
    mail = found["mail"]
    mail["headers"] = {name: tuple(values) for name, values in mail["headers"].items()}
    mail["files"] = tuple(
        MailFile(each["position"], each["name"], each["content_type"], b"", each["size"]) for each in mail["files"]
    )
    for name in _TUPLES:
        mail[name] = tuple(mail[name])
    temporary, permanent = found["failures"]
    return Reading(
        ReadMail(**mail),
        MailKind(found["kind"]),
        found["answer"],
        found["subject_number"],
        (tuple(temporary), tuple(permanent)),
    )
