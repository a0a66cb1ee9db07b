"""One transaction: what is new is noted, applied, announced and acknowledged, all of it or nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_array
from service_kit.messaging.bus.port import Consumer, Incoming
from service_kit.messaging.consume.decoder import DecodedMessage
from service_kit.messaging.consume.inbox import Inbox, end_subjects
from service_kit.messaging.metrics import MessagingMetrics
from service_kit.messaging.subscription import Delivery, Handler

_MEET = text("insert into companies (id) select unnest(cast(:ids as int[])) on conflict do nothing")


class Settlement:
    """How a batch ends. The order is the whole point: acknowledged before the commit, a crash would lose events."""

    def finish(self, session: Session, consumer: Consumer, incoming: Sequence[Incoming]) -> None:
        """Settle inside the transaction, commit, then acknowledge."""
        consumer.settle(session.connection(), incoming)
        session.commit()
        consumer.acknowledge(incoming)


class BatchTransaction:
    """Applies batches of one queue."""

    def __init__(
        self,
        database: Database,
        queue: str,
        *,
        track_revisions: bool,
        inbox: Inbox,
        settlement: Settlement,
        measures: MessagingMetrics,
    ) -> None:
        self._database = database
        self._queue = queue
        self._track_revisions = track_revisions
        self._inbox = inbox
        self._settlement = settlement
        self._measures = measures
        self._met: set[int] = set()

    def apply(self, items: Sequence[DecodedMessage], incoming: Sequence[Incoming], consumer: Consumer) -> None:
        """Do one transaction for `items`, then acknowledge `incoming` (these and what was parked beside them).

        Raises whatever a consumer's `apply` or the database raises; nothing is committed and nothing acknowledged then.
        """
        companies = {item.envelope.company_id for item in items}
        outcomes: dict[tuple[str, str], int] = {}
        with self._database.session(*companies) as session:
            if items:
                self._effects(session, items, outcomes)
                self._meet(session, companies)
            self._settlement.finish(session, consumer, incoming)
        self._met |= companies
        for (kind, outcome), number in outcomes.items():
            self._measures.consumed(self._queue, kind, outcome, number)

    def unseen(self, items: Sequence[DecodedMessage]) -> list[DecodedMessage]:
        """Return those not done before, so that no slow work is done for the others."""
        asked: dict[int, list[str]] = {}
        for item in items:
            asked.setdefault(item.envelope.company_id, []).append(item.envelope.id)
        seen: set[str] = set()
        for company, event_ids in asked.items():
            seen |= self._inbox.seen(self._database, company, self._queue, event_ids)
        return [item for item in items if item.envelope.id not in seen]

    def _effects(self, session: Session, items: Sequence[DecodedMessage], outcomes: dict[tuple[str, str], int]) -> None:
        admitted = self._inbox.admit(
            session,
            self._queue,
            [item.envelope for item in items],
            [item.final for item in items],
            track_revisions=self._track_revisions,
            received_at=items[0].received_at,
        )
        groups: dict[int, tuple[Handler[Any], list[Delivery[Any]]]] = {}
        ended: list[tuple[int, str, str]] = []
        for item in items:
            envelope = item.envelope
            # Taken out, so that the same event twice in one batch is new only once.
            new = admitted.pop(envelope.id, None)
            # Its own end is the last thing a subject's consumers are told, by each of their queues.
            if new is None or (new.ended and not item.final):
                outcome = "duplicate" if new is None else "ended"
            else:
                outcome = "applied"
                item.delivery.is_latest = new.is_latest or item.final
                # One call for all types that share a function: one order of locks per batch.
                groups.setdefault(id(item.handler.apply), (item.handler, []))[1].append(item.delivery)
                if item.final:
                    ended.append((envelope.company_id, envelope.subject, envelope.type))
            outcomes[envelope.type, outcome] = outcomes.get((envelope.type, outcome), 0) + 1
        for handler, deliveries in groups.values():
            handler.apply(session, deliveries)
        if ended:
            end_subjects(session, ended)

    def _meet(self, session: Session, companies: set[int]) -> None:
        """Note companies that this service has not met before, for its sweeps."""
        if companies - self._met:
            session.execute(_MEET, {"ids": pg_array(sorted(companies - self._met))})
