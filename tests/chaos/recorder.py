"""Starts a service whose worker tells what it publishes and receives: `python -m tests.chaos.recorder ticket-service`.

`CHAOS_HISTORY` is the folder it writes to. `CHAOS_CRASH_ONE_IN` makes it end, once in so many times, where it hurts
most: between publishing and marking, and between committing and acknowledging. `CHAOS_SABOTAGE` breaks one of the steps
on which "effects once" rests, to see the checker find it: `inbox-off`, `acknowledge-first` or `mark-first`.
"""

import importlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import orjson
from eventbus.bus.port import Incoming, Outcome, QueueConsumer
from eventbus.consume.decoder import DecodedMessage
from eventbus.consume.inbox import Inbox
from eventbus.consume.transaction import Settlement
from eventbus.publish import outbox_queries
from eventbus.publish.relay import Relay
from eventbus.worker import Worker
from service_kit import serve
from sqlalchemy.orm import Session

SABOTAGE_LIVES_FOR = 2
"""How many times a broken step goes well before the process ends in it."""
LEAVES_THE_PROCESS_SECONDS = 0.3
KILLED = 137


class EventLog:
    """Lines that survive SIGKILL: each is one write to a file that nobody else writes to."""

    def __init__(self, folder: Path, service: str) -> None:
        self._folder, self._service = folder, service
        self._file: tuple[int, int] | None = None

    def write(self, kind: str, **line: Any) -> None:
        """Add a line with the time."""
        pid = os.getpid()
        if self._file is None or self._file[0] != pid:
            path = self._folder / f"{self._service}-{pid}-{time.time_ns()}.jsonl"
            self._file = (pid, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))
        os.write(self._file[1], orjson.dumps({"kind": kind, "at": time.time(), **line}) + b"\n")


class CrashPoint:
    """A place where the process ends now and then, as if it had been killed there."""

    def __init__(self, event_log: EventLog, one_in: int) -> None:
        self._event_log, self._one_in, self._random = event_log, one_in, Random()

    def pass_by(self, name: str) -> None:
        """Go on, or don't."""
        if self._one_in and self._random.randrange(self._one_in) == 0:
            self._event_log.write("crashed", point=name)
            os._exit(KILLED)


def recording_worker(event_log: EventLog, service: str, crash: CrashPoint) -> None:
    """Give the worker parts that do what production does and tell of it."""

    class RecordingInbox(Inbox):
        def admit(
            self, session: Session, queue: str, messages: Sequence[DecodedMessage], *, track_revisions: bool
        ) -> dict[str, Any]:
            event_log.write("delivered", queue=queue, events=[each.envelope.id for each in messages])
            return super().admit(session, queue, messages, track_revisions=track_revisions)

    class RecordingRelay(Relay):
        def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
            outcomes = super()._publish(rows, queue)
            told = [[row.id, outcome.name] for row, outcome in zip(rows, outcomes, strict=True)]
            event_log.write("published", service=service, queue=queue, events=told)
            crash.pass_by("published, not marked")
            return outcomes

    class MortalSettlement(Settlement):
        def finish(self, session: Session, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
            super().finish(session, _Mortal(consumer, crash), incoming)

    Worker.inbox, Worker.settlement, Worker.relay_type = RecordingInbox(), MortalSettlement(), RecordingRelay


class _Mortal:
    """A consumer whose process may end just before it acknowledges."""

    def __init__(self, consumer: QueueConsumer, crash: CrashPoint) -> None:
        self._consumer, self._crash = consumer, crash

    def acknowledge(self, incoming: Sequence[Incoming]) -> None:
        if incoming:
            self._crash.pass_by("committed, not acknowledged")
        self._consumer.acknowledge(incoming)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)


def break_worker(sabotage: str) -> None:
    """Break one of the worker's steps."""
    if sabotage == "inbox-off":
        Worker.inbox, Worker.settlement = _forgetful(type(Worker.inbox)), _ReleasingSettlement()
    elif sabotage == "acknowledge-first":
        Worker.settlement = _HastySettlement()
    elif sabotage == "mark-first":
        Worker.settlement, Worker.relay_type = Settlement(), _hasty(Worker.relay_type)
    else:
        raise ValueError(f"no sabotage is called {sabotage}")


def _forgetful(telling: type[Inbox]) -> Inbox:
    class ForgetfulInbox(telling):  # type: ignore[misc, valid-type]
        """Notes what comes and then says that all of it is new."""

        def admit(self, session: Session, queue: str, messages: Sequence[DecodedMessage], **more: Any) -> Any:
            super().admit(session, queue, messages, **more)
            return {each.envelope.id: SimpleNamespace(ended=False, is_latest=True) for each in messages}

        def seen(self, *_: Any) -> set[str]:
            return set()

    return ForgetfulInbox()


class _ReleasingSettlement(Settlement):
    """Commits, and releases the first batches of new tickets, so that they are delivered again.

    Crashes alone don't suffice: on a busy machine all could fall to other queues.
    """

    _times = 0

    def finish(self, session: Session, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        self._times += any(each.message.type == "ticket.created" for each in incoming)
        if not incoming or self._times > SABOTAGE_LIVES_FOR:
            super().finish(session, consumer, incoming)
            return
        session.commit()
        consumer.release(incoming)


class _HastySettlement(Settlement):
    """Acknowledges, and in the end does not live to commit."""

    _times = 0

    def finish(self, session: Session, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        consumer.acknowledge(incoming)
        # Only batches of new tickets count: on a busy machine all deaths could fall to other queues.
        self._times += any(each.message.type == "ticket.created" for each in incoming)
        if self._times > SABOTAGE_LIVES_FOR and incoming:
            time.sleep(LEAVES_THE_PROCESS_SECONDS)
            os._exit(KILLED)
        session.commit()


def _hasty(telling: type[Relay]) -> type[Relay]:
    class HastyRelay(telling):  # type: ignore[misc, valid-type]
        """Marks, and in the end does not live to publish."""

        _times = 0

        def _publish(self, rows: Sequence[Any], queue: str | None = None) -> list[Outcome]:
            if queue is None:
                with self._leader_lock.connection() as connection:
                    outbox_queries.mark_published(connection, [row.id for row in rows])
                self._times += 1
                if self._times > SABOTAGE_LIVES_FOR:
                    os._exit(KILLED)
            return super()._publish(rows, queue)  # type: ignore[no-any-return]

    return HastyRelay


def main(service: str) -> None:
    """Run the service until it ends."""
    event_log = EventLog(Path(os.environ["CHAOS_HISTORY"]), service)
    recording_worker(event_log, service, CrashPoint(event_log, int(os.environ.get("CHAOS_CRASH_ONE_IN", "0"))))
    if sabotage := os.environ.get("CHAOS_SABOTAGE"):
        break_worker(sabotage)
    serve.main(importlib.import_module(f"{service.replace('-', '_')}.service").SERVICE)


if __name__ == "__main__":
    main(sys.argv[1])
