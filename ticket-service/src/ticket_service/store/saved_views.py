"""Saved views."""

# ruff: noqa: S608 - the queries are built from the column names in this file only.

from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ticket_service.domain.saved_view import SavedView, ViewContent, Viewer

_COLUMNS = "id, owner, name, filter, sort, shared, version, created_at, updated_at"
# Indexes: saved_views_of_owner and saved_views_shared; a company has few views.
_PAGE = text(f"""
    select {_COLUMNS} from saved_views
    where company_id = :company_id and (owner = :owner or shared) and id > :after
    order by id limit :limit
""")
_LOCK_OWNER = text(
    "select pg_advisory_xact_lock(hashtext('saved views:' || current_schema() || ':' || :owner), :company_id)"
)
# A statement of its own: its snapshot shows what the holder of the lock before has stored.
_COUNT = text("select count(*) from saved_views where company_id = :company_id and owner = :owner")
_FIND = text(f"select {_COLUMNS} from saved_views where company_id = :company_id and id = :id")
_LOCK = text(f"{_FIND.text} for update")
_ADD = text(f"""
    insert into saved_views (company_id, owner, name, filter, sort, shared)
    values (:company_id, :owner, :name, cast(:filter as json), :sort, :shared)
    returning {_COLUMNS}
""")
_CHANGE = text(f"""
    update saved_views
    set owner = :owner, name = :name, filter = cast(:filter as json), sort = :sort, shared = :shared,
        version = version + 1, updated_at = now()
    where company_id = :company_id and id = :id
    returning {_COLUMNS}
""")
_REMOVE = text("delete from saved_views where company_id = :company_id and id = :id")
_REMOVE_PERSONAL = text("delete from saved_views where company_id = :company_id and owner = :owner and not shared")
_DISOWN = text("update saved_views set owner = null where company_id = :company_id and owner = :owner")


def page(session: Session, company_id: int, viewer: Viewer, *, after: int, limit: int) -> list[SavedView]:
    """Return up to `limit` views that a person sees, in the order of their ids, behind the id `after`."""
    values = {"company_id": company_id, "owner": viewer.subject, "after": after, "limit": limit}
    return [_view(row) for row in session.execute(_PAGE, values)]


def lock_count(session: Session, company_id: int, owner: str) -> int:
    """Return how many views a person has, and let nobody count them before the transaction ends.

    Index: saved_views_of_owner.
    """
    values = {"company_id": company_id, "owner": owner}
    session.execute(_LOCK_OWNER, values)
    return int(session.execute(_COUNT, values).scalar_one())


def find(session: Session, company_id: int, view_id: int) -> SavedView | None:
    """Return a view, None where there is none."""
    row = session.execute(_FIND, {"company_id": company_id, "id": view_id}).one_or_none()
    return None if row is None else _view(row)


def lock(session: Session, company_id: int, view_id: int) -> SavedView | None:
    """Lock a view until the transaction ends and return it, None where there is none."""
    row = session.execute(_LOCK, {"company_id": company_id, "id": view_id}).one_or_none()
    return None if row is None else _view(row)


def add(session: Session, company_id: int, owner: str, content: ViewContent) -> SavedView:
    """Store a new view and return it."""
    values = {"company_id": company_id, "owner": owner, **_values(content)}
    return _view(session.execute(_ADD, values).one())


def change(session: Session, company_id: int, view: SavedView, owner: str, content: ViewContent) -> SavedView:
    """Store the owner and the content of a locked view and return it."""
    values = {"company_id": company_id, "id": view.id, "owner": owner, **_values(content)}
    return _view(session.execute(_CHANGE, values).one())


def remove(session: Session, company_id: int, view: SavedView) -> None:
    """Delete a view."""
    session.execute(_REMOVE, {"company_id": company_id, "id": view.id})


def remove_owner(session: Session, company_id: int, owner: str) -> None:
    """Delete a person's own views; those that the person shared stay, without an owner."""
    for statement in (_REMOVE_PERSONAL, _DISOWN):
        session.execute(statement, {"company_id": company_id, "owner": owner})


def _values(content: ViewContent) -> dict[str, Any]:
    return {**vars(content), "filter": orjson.dumps(content.filter).decode()}


def _view(row: Row[Any]) -> SavedView:
    content = ViewContent(row.name, row.filter, row.sort, row.shared)
    return SavedView(row.id, row.owner, content, row.version, row.created_at, row.updated_at)
