"""The tables of this service; service-kit defines outbox, inbox and the other common ones."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

tickets = Table(
    "tickets",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("uuid", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("user_name", Text),
    Column("user_email", Text),
    Column("customer_id", Text),
    Column("category", Text, nullable=False),
    Column("category_given", Boolean, nullable=False),
    Column("sub_category", Text),
    Column("external_ticket_id", Text),
    Column("priority", Text, nullable=False),
    Column("priority_given", Boolean, nullable=False),
    Column("department", Text),
    Column("confidence_score", Double),
    Column("need_admin", Boolean, nullable=False),
    Column("team_id", BigInteger),
    Column("team", Text),
    Column("assignee", Text),
    Column("task", JSONB(none_as_null=True)),
    Column("task_revision", Integer, nullable=False),
    Column("due", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text),
    Column("reason", Text),
    Column("status", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("metadata", JSON(none_as_null=True)),
    Column("solution_steps", JSONB(none_as_null=True)),
    Column("solution_confidence", Double),
    Column("solution_mode", Text),
    Column("twin_key", Uuid, key="duplicate_key"),
    Column("twin_number", Integer, key="duplicate_number", nullable=False),
    Column("version", Integer, nullable=False),
    Column("edited_version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("routed_revision", Integer, nullable=False),
    Column("wish_revision", Integer, key="request_revision", nullable=False),
    Column("wish_answered", Integer, key="request_answered", nullable=False),
    Column("routed_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("search_text", Text),
)

SHOWN = tuple(column.label(column.key) for column in tickets.c if column.name not in ("search_text", "due"))
"""The columns of a Ticket, with its fields' names."""

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", Integer, nullable=False),
    Column("ticket_id", BigInteger, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("change", JSON(none_as_null=True)),
    Column("created_by", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("audit_actor", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("stepped_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)

job_items = Table(
    "job_items",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("job_id", Uuid, primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("ticket_id", BigInteger),
    Column("draft", JSON(none_as_null=True)),
    Column("if_match", JSON(none_as_null=True)),
    Column("problem", JSONB(none_as_null=True)),
)

teams = Table(
    "teams",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("team_id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("department", Text),
    Column("is_active", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)

departments = Table(
    "departments",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("department_id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("storage_key", Uuid, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("company_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("storage_key", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
)
