"""Reads mails in child processes, so that no mail takes this process with it."""

import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from notification_service.adapters.mail_child import UNREADABLE
from notification_service.domain.mail.message import MailFile, MailKind, ReadMail, Unreadable
from notification_service.domain.mail.read_mail import Reading

_TUPLES = ("recipients", "references", "returned_ids", "actions", "faults")
MAX_REASON_CHARACTERS = 300


@dataclass(frozen=True)
class ChildReader:
    """Reads a mail, or one of its files, in a process with limits of time and memory."""

    seconds: float = 60.0
    """The whole time of a process. Its processor time has a limit of its own, which a busy machine doesn't reach."""

    def read(self, raw: bytes, own_addresses: Collection[str]) -> Reading:
        """Return what a mail says, with files without their contents; raise Unreadable."""
        return _reading(orjson.loads(self._run({"own_addresses": sorted(own_addresses)}, raw)))

    def file(self, raw: bytes, position: int) -> bytes:
        """Return the content of a file of a mail; raise Unreadable."""
        return self._run({"own_addresses": [], "file": position}, raw)

    def _run(self, options: dict[str, Any], raw: bytes) -> bytes:
        command = [sys.executable, "-m", "notification_service.adapters.mail_child"]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command; the mail is its input
                command, input=orjson.dumps(options) + b"\n" + raw, capture_output=True, timeout=self.seconds
            )
        except subprocess.TimeoutExpired as error:
            raise Unreadable(f"reading it took more than {self.seconds:g} seconds") from error
        if done.returncode == UNREADABLE:
            raise Unreadable(done.stdout.decode("utf-8", "replace")[:MAX_REASON_CHARACTERS])
        if done.returncode:
            raise Unreadable("reading it took too much time or memory")
        return done.stdout


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
