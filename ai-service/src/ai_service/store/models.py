"""Trained models: their bytes, their metrics and which one serves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_COLUMNS = """
    version, run_id, created_at, serving, served_at, examples, encoder, evaluation,
    (
        select report -> 'teams' from training_runs as run
        where run.company_id = models.company_id and run.id = models.run_id
    ) as teams
"""

_ADD = text("""
    insert into models (company_id, version, run_id, examples, encoder, evaluation, head, team_head)
    values (:company, :version, :run_id, :examples, :encoder, cast(:evaluation as jsonb), :head, :team_head)
    on conflict (company_id, version) do update
    set run_id = excluded.run_id, evaluation = excluded.evaluation, team_head = excluded.team_head
""")

# Two statements: the unique index is checked row by row within one statement.
_RETIRE = text("update models set serving = false where company_id = :company and serving")
_SERVE = text("""
    update models set serving = true, served_at = clock_timestamp()
    where company_id = :company and version = :version
""")

_RESTORE = text("update models set serving = true where company_id = :company and version = :version")


@dataclass(frozen=True)
class Model:
    """A trained model, without its bytes."""

    version: str
    run_id: int
    created_at: datetime
    serving: bool
    served_at: datetime | None
    """When it last began to serve other than by a rollback."""
    examples: int
    encoder: str
    evaluation: Mapping[str, Any] | None
    """Its metrics on held-out tickets; None where there were too few to hold any out."""
    teams: Mapping[str, Any] | None = None
    """The report of its head for teams; None for a run without one."""


def add(session: Session, company_id: int, model: Model, head: bytes, team_head: bytes | None = None) -> None:
    """Insert a model; it doesn't serve yet.

    The same version again is the same model, but may have another head for teams: people may have assigned the same
    tickets to other teams.
    """
    session.execute(
        _ADD,
        {
            "company": company_id,
            "version": model.version,
            "run_id": model.run_id,
            "examples": model.examples,
            "encoder": model.encoder,
            "evaluation": orjson.dumps(model.evaluation).decode() if model.evaluation is not None else None,
            "head": head,
            "team_head": team_head,
        },
    )


def serve(session: Session, company_id: int, version: str | None) -> None:
    """Make a stored model the serving one; None: no model serves the company any more."""
    session.execute(_RETIRE, {"company": company_id})
    if version is not None:
        session.execute(_SERVE, {"company": company_id, "version": version})


def restore(session: Session, company_id: int, version: str) -> None:
    """Make an earlier model the serving one without a new `served_at`, so that further rollbacks go back further."""
    session.execute(_RETIRE, {"company": company_id})
    session.execute(_RESTORE, {"company": company_id, "version": version})


def page(session: Session, company_id: int, *, before: tuple[datetime, str] | None, limit: int) -> list[Model]:
    """Return up to `limit` models of a company before the given time and version, newest first."""
    older = "and (created_at, version) < (:created_at, :version)" if before else ""
    query = text(
        f"select {_COLUMNS} from models where company_id = :company {older}"  # noqa: S608
        " order by created_at desc, version desc limit :limit"
    )
    values: dict[str, Any] = {"company": company_id, "limit": limit}
    if before:
        values |= {"created_at": before[0], "version": before[1]}
    return [_model(row) for row in session.execute(query, values)]


def get(session: Session, company_id: int, version: str) -> Model | None:
    """Return one model."""
    query = text(f"select {_COLUMNS} from models where company_id = :company and version = :version")  # noqa: S608
    row = session.execute(query, {"company": company_id, "version": version}).one_or_none()
    return None if row is None else _model(row)


def serving(session: Session, company_id: int) -> Model | None:
    """Return the serving model."""
    query = text(f"select {_COLUMNS} from models where company_id = :company and serving")  # noqa: S608
    row = session.execute(query, {"company": company_id}).one_or_none()
    return None if row is None else _model(row)


def previous(session: Session, company_id: int) -> Model | None:
    """Return the model that served before the serving one."""
    query = text(
        f"""
        select {_COLUMNS} from models
        where company_id = :company and served_at < (
            select served_at from models where company_id = :company and serving
        )
        order by served_at desc limit 1
        """  # noqa: S608
    )
    row = session.execute(query, {"company": company_id}).one_or_none()
    return None if row is None else _model(row)


def head_of(session: Session, company_id: int, version: str) -> bytes | None:
    """Return a model's bytes, as `classifier.storage.pack` made them."""
    query = text("select head from models where company_id = :company and version = :version")
    found = session.execute(query, {"company": company_id, "version": version}).scalar_one_or_none()
    return None if found is None else bytes(found)


def team_head_of(session: Session, company_id: int, version: str) -> bytes | None:
    """Return the bytes of a model's head for teams; None where it has none."""
    query = text("select team_head from models where company_id = :company and version = :version")
    found = session.execute(query, {"company": company_id, "version": version}).scalar_one_or_none()
    return None if found is None else bytes(found)


def _model(row: Row[Any]) -> Model:
    return Model(**row._mapping)
