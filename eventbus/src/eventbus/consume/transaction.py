"""Applies a batch in one transaction: inbox, effects, outbox and acknowledgement succeed or fail together."""

from collections.abc import Sequence
from typing import Any

from attrs import define, field
from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

from eventbus.bus.port import Acknowledger, Incoming
from eventbus.consume.decoder import DecodedMessage
from eventbus.consume.inbox import Inbox, end_subjects
from eventbus.consumer import Consumer, Subscription
from eventbus.metrics import MessagingMetrics
from eventbus.subscription import Delivery

_REGISTER_COMPANIES = text("insert into companies (id) select unnest(cast(:ids as int[])) on conflict do nothing")


class Settlement:
    """Ends a batch. The order matters: after an acknowledgement before the commit, a crash would lose events."""

    def finish(self, session: Session, consumer: Acknowledger, incoming: Sequence[Incoming]) -> None:
        """Settle inside the transaction, commit, then acknowledge."""
        consumer.settle(session.connection(), incoming)
        session.commit()
        consumer.acknowledge(incoming)


@define(eq=False)
class BatchTransaction:
    """Applies batches of one queue."""

    _database: Database
    _queue: str
    _subscription: Subscription
    _inbox: Inbox
    _settlement: Settlement
    _metrics: MessagingMetrics
    _registered: set[int] = field(init=False, factory=set)

    def apply(self, messages: Sequence[DecodedMessage], incoming: Sequence[Incoming], consumer: Acknowledger) -> None:
        """Apply `messages` in one transaction, then acknowledge `incoming` (the same messages and the parked ones).

        Raises the errors of a consumer's `apply` and of the database; nothing is committed or acknowledged then.
        """
        companies = {message.envelope.company_id for message in messages}
        outcomes: dict[tuple[str, str], int] = {}
        with self._database.session(*companies) as session:
            if messages:
                self._apply_new(session, messages, outcomes)
                if new := companies - self._registered:  # for the service's maintenance jobs
                    session.execute(_REGISTER_COMPANIES, {"ids": pg_array(sorted(new))})
            self._settlement.finish(session, consumer, incoming)
        self._registered |= companies
        for (event_type, outcome), number in outcomes.items():
            self._metrics.consumed.labels(self._queue, event_type, outcome).inc(number)

    def unseen(self, messages: Sequence[DecodedMessage]) -> list[DecodedMessage]:
        """Return the messages that the inbox doesn't hold, so that known events cause no slow preparation."""
        seen: set[str] = set()
        for company_id in {message.envelope.company_id for message in messages}:
            event_ids = [message.envelope.id for message in messages if message.envelope.company_id == company_id]
            seen |= self._inbox.seen(self._database, company_id, self._queue, event_ids)
        return [message for message in messages if message.envelope.id not in seen]

    def _apply_new(
        self, session: Session, messages: Sequence[DecodedMessage], outcomes: dict[tuple[str, str], int]
    ) -> None:
        admitted = self._inbox.admit(session, self._queue, messages, track_revisions=self._subscription.track_revisions)
        groups: dict[int, tuple[Consumer[Any, Any], list[Delivery[Any]]]] = {}
        ended: list[tuple[int, str, str]] = []
        for message in messages:
            envelope = message.envelope
            # `pop`, so that an event that is twice in the batch is new only once.
            new = admitted.pop(envelope.id, None)
            # Each queue of a consumer still handles the final event of an ended subject.
            if new is None or (new.ended and not message.final):
                outcome = "duplicate" if new is None else "ended"
            else:
                outcome = "applied"
                message.delivery.is_latest = new.is_latest or message.final
                # One call for all types of a consumer: one order of locks per batch.
                groups.setdefault(id(message.consumer), (message.consumer, []))[1].append(message.delivery)
                if message.final:
                    ended.append((envelope.company_id, envelope.subject, envelope.type))
            outcomes[envelope.type, outcome] = outcomes.get((envelope.type, outcome), 0) + 1
        for consumer, deliveries in groups.values():
            consumer.apply(session, deliveries, self._subscription.deps)
        if ended:
            end_subjects(session, ended)
