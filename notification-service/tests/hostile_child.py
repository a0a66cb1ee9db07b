"""Reads mails as `mail_child` does, but a mail with `X-Hostile` ends the process, stops it or makes it grow."""

import os
import signal
import time
from typing import Any

from notification_service.adapters import mail_child

WHOLE = mail_child.answer
KEPT: list[bytes] = []


def answer(raw: bytes, options: dict[str, Any]) -> tuple[bool, bytes]:
    """Do what the mail says first."""
    if b"X-Hostile: kill" in raw:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"X-Hostile: abort" in raw:
        os.abort()
    if b"X-Hostile: hang" in raw:
        time.sleep(3600)
    if b"X-Hostile: spin" in raw:
        while True:
            pass
    if b"X-Hostile: grow" in raw:
        KEPT.append(b"x" * mail_child.GROWN_BYTES)
    if b"X-Hostile: print" in raw:
        print('{"readable": true, "size": 0, "last": false}', flush=True)
    if b"X-Hostile: once" in raw and KEPT:
        os.kill(os.getpid(), signal.SIGKILL)
    KEPT.append(b"")
    return WHOLE(raw, options)


if __name__ == "__main__":
    mail_child.answer = answer
    mail_child.CPU_SECONDS = 1
    mail_child.main()
