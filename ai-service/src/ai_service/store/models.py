"""The models of companies: which one serves, and the bytes of each."""

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

# Two statements: the unique index looks at every row of one statement as it comes.
_RETIRE = text("update models set serving = false where company_id = :company and serving")
_SERVE = text("""
    update models set serving = true, served_at = clock_timestamp()
    where company_id = :company and version = :version
""")

_SERVE_AGAIN = text("update models set serving = true where company_id = :company and version = :version")


@dataclass(frozen=True)
class Model:
    """A trained model, without its bytes."""

    version: str
    run_id: int
    created_at: datetime
    serving: bool
    served_at: datetime | None
    """When it last began to serve, but by a rollback."""
    examples: int
    encoder: str
    evaluation: Mapping[str, Any] | None
    """Its figures on tickets that it did not learn from; None where there were too few to hold any out."""
    teams: Mapping[str, Any] | None = None
    """What its run reports of its head for teams; None while that isn't known, and where nobody looked."""


def add(session: Session, company: int, model: Model, head: bytes, team_head: bytes | None = None) -> None:
    """Keep a model; it doesn't serve yet.

    The same version again is the same model, but for its head for teams: people may have given the same tickets to
    others.
    """
    session.execute(
        _ADD,
        {
            "company": company,
            "version": model.version,
            "run_id": model.run_id,
            "examples": model.examples,
            "encoder": model.encoder,
            "evaluation": orjson.dumps(model.evaluation).decode() if model.evaluation is not None else None,
            "head": head,
            "team_head": team_head,
        },
    )


def serve(session: Session, company: int, version: str | None) -> None:
    """Let a model that is kept serve instead of the one that does; None: the company goes on without one."""
    session.execute(_RETIRE, {"company": company})
    if version is not None:
        session.execute(_SERVE, {"company": company, "version": version})


def serve_again(session: Session, company: int, version: str) -> None:
    """Let a model serve that did so before; its turn stays where it was, so that one can go back further."""
    session.execute(_RETIRE, {"company": company})
    session.execute(_SERVE_AGAIN, {"company": company, "version": version})


def page(session: Session, company: int, *, before: tuple[datetime, str] | None, limit: int) -> list[Model]:
    """Return up to `limit` models of a company older than the one of a time and version, newest first."""
    older = "and (created_at, version) < (:created_at, :version)" if before else ""
    query = text(
        f"select {_COLUMNS} from models where company_id = :company {older}"  # noqa: S608
        " order by created_at desc, version desc limit :limit"
    )
    values: dict[str, Any] = {"company": company, "limit": limit}
    if before:
        values |= {"created_at": before[0], "version": before[1]}
    return [_model(row) for row in session.execute(query, values)]


def get(session: Session, company: int, version: str) -> Model | None:
    """Return one model."""
    query = text(f"select {_COLUMNS} from models where company_id = :company and version = :version")  # noqa: S608
    row = session.execute(query, {"company": company, "version": version}).one_or_none()
    return None if row is None else _model(row)


def serving(session: Session, company: int) -> Model | None:
    """Return the model that serves."""
    query = text(f"select {_COLUMNS} from models where company_id = :company and serving")  # noqa: S608
    row = session.execute(query, {"company": company}).one_or_none()
    return None if row is None else _model(row)


def before(session: Session, company: int) -> Model | None:
    """Return the model whose turn came before that of the one that serves."""
    query = text(
        f"""
        select {_COLUMNS} from models
        where company_id = :company and served_at < (
            select served_at from models where company_id = :company and serving
        )
        order by served_at desc limit 1
        """  # noqa: S608
    )
    row = session.execute(query, {"company": company}).one_or_none()
    return None if row is None else _model(row)


def head_of(session: Session, company: int, version: str) -> bytes | None:
    """Return a model's bytes, as `classifier.storage.pack` made them."""
    query = text("select head from models where company_id = :company and version = :version")
    found = session.execute(query, {"company": company, "version": version}).scalar_one_or_none()
    return None if found is None else bytes(found)


def team_head_of(session: Session, company: int, version: str) -> bytes | None:
    """Return the bytes of a model's head for teams; None where it has none."""
    query = text("select team_head from models where company_id = :company and version = :version")
    found = session.execute(query, {"company": company, "version": version}).scalar_one_or_none()
    return None if found is None else bytes(found)


def _model(row: Row[Any]) -> Model:
    return Model(**row._mapping)
