"""The tables of comments, and the replica of people whom comments mention."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Identity, Integer, Table, Text, Uuid

from ticket_service.store.tables import metadata

comments = Table(
    "comments",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("uuid", Uuid, nullable=False),
    Column("ticket_id", BigInteger, nullable=False),
    Column("parent_id", BigInteger),
    Column("depth", Integer, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_kind", Text, nullable=False),
    Column("text", Text),
    Column("mentions", ARRAY(BigInteger), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("edited_at", DateTime(timezone=True)),
    Column("deleted_at", DateTime(timezone=True)),
    Column("request_id", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("audit_actor", Text, nullable=False),
)

comment_revisions = Table(
    "comment_revisions",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("comment_id", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("replaced_by", Text, nullable=False),
    Column("replaced_at", DateTime(timezone=True), nullable=False),
)

comment_ratings = Table(
    "comment_ratings",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("comment_id", BigInteger, primary_key=True),
    Column("rater", Text, primary_key=True),
    Column("thumb", Text, nullable=False),
    Column("ticket_id", BigInteger, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", BigInteger, nullable=False),
    Column("comment_id", BigInteger),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("storage_key", Uuid, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("role", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)
