"""Takes mails until it is killed, or kills itself: a process of its own, with settings and place as its arguments."""

import json
import os
import signal
import sys
from collections.abc import Callable
from threading import Event
from typing import Any

from eventbus.publish import outbox
from notification_service.adapters.mail_reader import ReaderPool
from notification_service.service import SERVICE
from notification_service.store import mail_reading
from notification_service.usecases.take_mail import run_intake

PLACES = {
    "before reading": (ReaderPool, "read", True),
    "after reading": (ReaderPool, "read", False),
    "before the conclusion": (mail_reading, "conclude", True),
    "before the event": (outbox, "add_all", True),
    "before the commit": (outbox, "add_all", False),
}
"""Where a process kills itself: before or after a function."""


def kill_at(place: str) -> None:
    """Have this process end like one that is killed, when it comes to a place for the first time."""
    owner, name, is_before = PLACES[place]
    whole: Callable[..., Any] = getattr(owner, name)

    def die(*arguments: Any, **options: Any) -> Any:
        if not is_before:
            whole(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, die)


if __name__ == "__main__":
    instance = SERVICE.instance(SERVICE.read_settings(json.loads(sys.argv[1])))
    if len(sys.argv) > 2:
        kill_at(sys.argv[2])
    run_intake(instance.dependencies.intake, Event())
