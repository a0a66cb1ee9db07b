"""The kit's tables as queries see them. Migrations make them by `ddl.create_kit_tables`; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    FetchedValue,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_WHEN = DateTime(timezone=True)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("company_id", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("request_id", Text, nullable=False, server_default=FetchedValue()),
    Column("traceparent", Text, nullable=False, server_default=FetchedValue()),
    Column("cause_id", Text, nullable=False, server_default=FetchedValue()),
    Column("created_at", _WHEN, nullable=False, server_default=FetchedValue()),
    Column("available_at", _WHEN, nullable=False, server_default=FetchedValue()),
    Column("attempts", Integer, nullable=False, server_default=FetchedValue()),
    Column("last_error", Text),
    Column("published_at", _WHEN),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("company_id", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("event_time", _WHEN, nullable=False),
    Column("received_at", _WHEN, nullable=False),
    Column("done_at", _WHEN, nullable=False, server_default=FetchedValue()),
)

parked = Table(
    "parked",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("queue", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("company_id", Integer, nullable=False),
    Column("subject", Text, nullable=False, server_default=FetchedValue()),
    Column("type", Text, nullable=False, server_default=FetchedValue()),
    Column("message_headers", JSONB, nullable=False, server_default=FetchedValue()),
    Column("body", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=FetchedValue()),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("next_attempt_at", _WHEN),
    Column("first_failed_at", _WHEN, nullable=False, server_default=FetchedValue()),
    Column("updated_at", _WHEN, nullable=False, server_default=FetchedValue()),
)

parked_actions = Table(
    "parked_actions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", Integer, nullable=False),
    Column("parked_id", BigInteger, nullable=False),
    Column("queue", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=FetchedValue()),
    Column("created_at", _WHEN, nullable=False, server_default=FetchedValue()),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("ended_at", _WHEN, nullable=False, server_default=FetchedValue()),
)

revisions = Table(
    "revisions",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer),
    Column("response", Text),
    Column("headers", Text),
    Column("created_at", _WHEN, nullable=False, server_default=FetchedValue()),
)

companies = Table(
    "companies",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("added_at", _WHEN, nullable=False, server_default=FetchedValue()),
)
