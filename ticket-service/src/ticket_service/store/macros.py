"""Macros."""

# ruff: noqa: S608 - the queries are built from the column names in this file only.

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ticket_service.domain.macro import Macro

_COLUMNS = "id, name, actions, version, created_at, updated_at"
# All by the primary key.
_PAGE = text(f"""
    select {_COLUMNS} from macros where company_id = :company_id and id > :after order by id limit :limit
""")
_LOCK_COMPANY = text("select pg_advisory_xact_lock(hashtext('macros:' || current_schema()), :company_id)")
# A statement of its own: its snapshot shows what the holder of the lock before has stored.
_COUNT = text("select count(*) from macros where company_id = :company_id")
_FIND = text(f"select {_COLUMNS} from macros where company_id = :company_id and id = :id")
_LOCK = text(f"{_FIND.text} for update")
_ADD = text(f"""
    insert into macros (company_id, name, actions) values (:company_id, :name, cast(:actions as json))
    returning {_COLUMNS}
""")
_CHANGE = text(f"""
    update macros set name = :name, actions = cast(:actions as json), version = version + 1, updated_at = now()
    where company_id = :company_id and id = :id
    returning {_COLUMNS}
""")
_REMOVE = text("delete from macros where company_id = :company_id and id = :id")


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Macro]:
    """Return up to `limit` macros behind the id `after`, in the order of their ids."""
    rows = session.execute(_PAGE, {"company_id": company_id, "after": after, "limit": limit})
    return [Macro(*row) for row in rows]


def lock_count(session: Session, company_id: int) -> int:
    """Return how many macros a company has, and let nobody count them before the transaction ends."""
    session.execute(_LOCK_COMPANY, {"company_id": company_id})
    return int(session.execute(_COUNT, {"company_id": company_id}).scalar_one())


def find(session: Session, company_id: int, macro_id: int) -> Macro | None:
    """Return a macro, None where there is none."""
    return _macro(session.execute(_FIND, {"company_id": company_id, "id": macro_id}).one_or_none())


def lock(session: Session, company_id: int, macro_id: int) -> Macro | None:
    """Lock a macro until the transaction ends and return it, None where there is none."""
    return _macro(session.execute(_LOCK, {"company_id": company_id, "id": macro_id}).one_or_none())


def add(session: Session, company_id: int, name: str, actions: Mapping[str, Any]) -> Macro:
    """Store a new macro and return it."""
    return Macro(*session.execute(_ADD, {"company_id": company_id, "name": name, "actions": _json(actions)}).one())


def change(session: Session, company_id: int, macro_id: int, name: str, actions: Mapping[str, Any]) -> Macro:
    """Store the name and the actions of a locked macro and return it."""
    values = {"company_id": company_id, "id": macro_id, "name": name, "actions": _json(actions)}
    return Macro(*session.execute(_CHANGE, values).one())


def remove(session: Session, company_id: int, macro_id: int) -> None:
    """Delete a macro."""
    session.execute(_REMOVE, {"company_id": company_id, "id": macro_id})


def _json(actions: Mapping[str, Any]) -> str:
    return orjson.dumps(actions).decode()


def _macro(row: Row[Any] | None) -> Macro | None:
    return None if row is None else Macro(*row)
