"""Where the bytes of files are: promised before they are put, kept while a file uses them, then to be removed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, func, select, text, tuple_, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.store.tables import blobs, files

ARRIVING, STORED, UNUSED = "arriving", "stored", "unused"
MOST_AT_ONCE = 200

_MEET = text("insert into companies (id) values (:company_id) on conflict do nothing")


class Place(NamedTuple):
    """What a storage is asked by."""

    company_id: int
    storage_key: UUID


def stored(session: Session, company_id: int, sha256: str) -> Place | None:
    """Return where some content is stored already. Uses blobs_stored."""
    query = select(blobs.c.storage_key).where(
        blobs.c.company_id == company_id, blobs.c.sha256 == sha256, blobs.c.state == STORED
    )
    key = session.execute(query).scalar_one_or_none()
    return None if key is None else Place(company_id, key)


def promise(session: Session, company_id: int, sha256: str, size: int) -> Place:
    """Note that content is about to be put, and return where: what comes of it, somebody will look after it."""
    place = Place(company_id, uuid4())
    # Who sweeps goes by this list, on which a company may be missing that no event has told of yet.
    session.execute(_MEET, {"company_id": company_id})
    session.execute(insert(blobs).values(**place._asdict(), sha256=sha256, size_bytes=size, state=ARRIVING))
    return place


def keep(session: Session, place: Place) -> bool:
    """Let files use what was put; tell whether it is still there to be used."""
    statement = update(blobs).where(*_at(place), blobs.c.state == ARRIVING)
    changed = statement.values(state=STORED, changed_at=func.clock_timestamp()).returning(blobs.c.storage_key)
    return session.execute(changed).first() is not None


def give_up(session: Session, place: Place) -> bool:
    """Note that nobody will use what was promised; tell whether its bytes are to be removed: not where it is kept."""
    statement = update(blobs).where(*_at(place), blobs.c.state == ARRIVING)
    session.execute(statement.values(state=UNUSED, changed_at=func.clock_timestamp()))
    return session.execute(select(blobs.c.state).where(*_at(place))).scalar_one_or_none() != STORED


def release(session: Session, place: Place) -> bool:
    """Note that a file stopped using content; tell whether it was the last one. Uses files_of_blob."""
    used = exists().where(files.c.company_id == place.company_id, files.c.storage_key == place.storage_key)
    statement = update(blobs).where(*_at(place), ~used)
    changed = statement.values(state=UNUSED, changed_at=func.clock_timestamp()).returning(blobs.c.storage_key)
    return session.execute(changed).first() is not None


def expire(session: Session, age: timedelta) -> None:
    """Give up what was promised longer ago than `age`: whoever promised it is gone. Uses blobs_to_settle."""
    session.execute(
        update(blobs)
        .where(blobs.c.state == ARRIVING, blobs.c.changed_at < func.now() - age)
        .values(state=UNUSED, changed_at=func.clock_timestamp())
    )


def unused(session: Session) -> list[Place]:
    """Return some of what is to be removed, of all companies of the session. Uses blobs_to_settle."""
    query = select(blobs.c.company_id, blobs.c.storage_key).where(blobs.c.state == UNUSED)
    return [Place(*row) for row in session.execute(query.order_by(blobs.c.changed_at).limit(MOST_AT_ONCE))]


def forget(session: Session, places: Sequence[Place]) -> None:
    """Forget what was removed."""
    session.execute(
        delete_from(blobs).where(tuple_(blobs.c.company_id, blobs.c.storage_key).in_(places), blobs.c.state == UNUSED)
    )


def _at(place: Place) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return blobs.c.company_id == place.company_id, blobs.c.storage_key == place.storage_key
