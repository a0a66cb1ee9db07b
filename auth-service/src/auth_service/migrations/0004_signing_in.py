"""Tries that are being checked, used half-logins, changed roles of keys, and the look of names."""

import sqlalchemy
from alembic import op
from service_kit.database.ddl import enable_rls

from auth_service.adapters.look_alikes import look_of

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    # Tries of before have ended.
    "alter table login_guards add column pending int not null default 0 check (pending >= 0)",
    # A half-login is worth one session.
    """
    create table used_half_logins (
        company_id int not null,
        id text not null check (char_length(id) = 22),
        user_id bigint not null,
        expires_at timestamptz not null,
        primary key (company_id, id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    # `role`: API keys of a user with another role must be verified again.
    "alter table revocations drop constraint revocations_kind_check",
    "alter table revocations add constraint revocations_kind_check check (kind in ('session', 'user', 'key', 'role'))",
    # Not unique: names of before may look alike. Whoever adds or renames a user holds the lock of the company.
    "alter table users add column username_look text not null default ''",
    "create index users_by_look on users (company_id, username_look)",
)
BATCH = 500
NEXT = sqlalchemy.text(
    "select company_id, id, username from users where (company_id, id) > (:company_id, :id)"
    " order by company_id, id limit :batch"
)
STORE = sqlalchemy.text("update users set username_look = :look where company_id = :company_id and id = :id")


def upgrade() -> None:
    """Create what is new, and store the look of every name."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "used_half_logins")
    add_looks(op.get_bind())


def add_looks(connection: sqlalchemy.Connection) -> None:
    """Store the look of every user's name, in batches of one statement each."""
    # The owner sees the rows of all companies only while row-level security is not forced on it.
    connection.exec_driver_sql("alter table users no force row level security")
    last = {"company_id": -1, "id": -1}
    while rows := connection.execute(NEXT, {**last, "batch": BATCH}).all():
        connection.execute(
            STORE, [{"company_id": row.company_id, "id": row.id, "look": look_of(row.username)} for row in rows]
        )
        last = {"company_id": rows[-1].company_id, "id": rows[-1].id}
    connection.exec_driver_sql("alter table users force row level security")
