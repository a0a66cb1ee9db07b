"""Stores failed events: those that are retried later, and dead letters that wait for a person."""

import hashlib
from collections.abc import Sequence

import orjson
from attrs import define
from service_kit.backoff import with_jitter
from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eventbus.bus.port import Incoming
from eventbus.event import Message
from eventbus.retry.policy import RETRY_SECONDS
from eventbus.wire import MAX_SUBJECT_CHARACTERS, BadMessage, CompanyId, fitted

MAX_REASON_CHARACTERS = 500
MAX_ID_CHARACTERS = 200
"""Far below the maximum size of an index row."""

_PARK = text("""
    insert into parked as p
        (queue, event_id, company_id, subject, type, message_headers, body, attempts, reason, state, next_attempt_at)
    select :queue, :event_id, :company_id, :subject, :type, cast(:headers as jsonb), :body,
           :counted, :reason, case when seconds is null then 'dead' else 'waiting' end,
           now() + seconds * interval '1 second'
    from (
        select (cast(:delays as float8[]))[:counted + coalesce(max(attempts), 0)] as seconds
        from parked where queue = :queue and event_id = :event_id
    ) delay
    on conflict (queue, event_id) do update
        set attempts = p.attempts + excluded.attempts, reason = excluded.reason, state = excluded.state,
            next_attempt_at = excluded.next_attempt_at, updated_at = clock_timestamp()
    returning state
""")

_DELETE = text("delete from parked where id = any(cast(:ids as bigint[]))")


@define(eq=False)
class RetryStore:
    """The parked table of one service, for its worker; it uses the relay's role, which sees all companies' rows.

    `operator_company_id` owns messages without a valid company; `delays` are the seconds between attempts.
    """

    _database: Database
    _operator_company_id: int
    _delays: tuple[float, ...] = RETRY_SECONDS

    def retry_later(self, queue: str, incoming: Incoming, reason: str) -> bool:
        """Count a failed attempt and park the event; return False where it was the last attempt: a dead letter now."""
        return self._park(queue, incoming.message, reason, 1, self._delays) == "waiting"

    def dead_letter(self, queue: str, message: Message, reason: str) -> None:
        """Park a message as a dead letter, without further attempts."""
        self._park(queue, message, reason, 0, ())

    def delete(self, parked_ids: Sequence[int]) -> None:
        """Delete the rows of events whose retry succeeded."""
        if parked_ids:
            with self._database.relay_session() as session, session.begin():
                session.execute(_DELETE, {"ids": pg_array(parked_ids)})

    def _park(self, queue: str, message: Message, reason: str, counted: int, delays: Sequence[float]) -> str:
        parameters = {
            "queue": queue,
            "event_id": _event_id(message),
            "company_id": self._owner(message),
            "subject": _clean(message.attributes.get("subject", ""))[:MAX_SUBJECT_CHARACTERS],
            "type": _clean(message.type)[:MAX_SUBJECT_CHARACTERS],
            "headers": orjson.dumps({_clean(k): _clean(v) for k, v in message.attributes.items()}).decode(),
            "body": message.body,
            "counted": counted,
            "reason": _clean(reason)[:MAX_REASON_CHARACTERS],
            "delays": pg_array(map(with_jitter, delays)),
        }
        with self._database.relay_session() as session, session.begin():
            return str(session.execute(_PARK, parameters).scalar_one())

    def _owner(self, message: Message) -> int:
        try:
            return fitted(message.attributes.get("companyid"), CompanyId, strict=False)
        except BadMessage:
            return self._operator_company_id


def reason_of(error: BaseException) -> str:
    """Return why an event failed, for people who may see the event. Not for logs, because it may quote the event."""
    if isinstance(error, DBAPIError):
        return f"{type(error.orig).__name__}: {str(error.orig).splitlines()[0] if str(error.orig) else ''}"
    return f"{type(error).__name__}: {error}"


def _event_id(message: Message) -> str:
    """Return the message's id, or a hash where it can't be stored: every failed message is kept."""
    if 0 < len(message.id) <= MAX_ID_CHARACTERS and _clean(message.id) == message.id:
        return message.id
    digest = hashlib.sha256(message.id.encode("utf-8", "replace") + message.body)
    return f"no-id-{digest.hexdigest()[:32]}"


def _clean(value: str) -> str:
    """Remove characters that PostgreSQL's text type can't hold."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()
