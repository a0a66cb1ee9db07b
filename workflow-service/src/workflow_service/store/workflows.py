"""Workflows of companies and their versions. Every change locks the workflow first."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from service_kit.database.statements import Prepared, run
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow_service.domain import default_workflow
from workflow_service.domain.definition import Definition
from workflow_service.domain.matching import Candidate
from workflow_service.domain.workflow import DEPLOYED, Scope, Workflow, WorkflowExists, WorkflowOverlaps
from workflow_service.store import definitions
from workflow_service.store.version_cache import DEFINITIONS, Version, VersionCache

_WORKFLOW = (
    "w.company_id, w.id, w.name, w.description, w.category, w.sub_category, w.department, w.state, w.is_default,"
    " w.version, w.revision, w.created_at, w.updated_at"
)
_SELECT = f"""
    select {_WORKFLOW}, {definitions.COLUMNS}
    from workflows w join workflow_versions v on v.company_id = w.company_id and v.workflow_id = w.id
        and v.version = w.version
"""
_VALUES = ", ".join(f":{column.strip()}" for column in definitions.COLUMNS.split(","))
_ADD_VERSION = text(
    f"insert into workflow_versions (company_id, workflow_id, version, {definitions.COLUMNS})"
    f" values (:company, :workflow, :version, {_VALUES})"
)

_VERSIONS = text(
    f"select company_id, workflow_id, version, {definitions.COLUMNS} from workflow_versions"
    " where (company_id, workflow_id, version) in"
    " (select * from unnest(cast(:companies as int[]), cast(:workflows as bigint[]), cast(:versions as int[])))"
)
_CANDIDATES = Prepared(
    "candidate_workflows",
    """
    select company_id, id, version, category, sub_category, department, state, is_default from workflows
    where company_id = any(:companies) and (state <> 'draft' or is_default) order by id
    """,
    {"companies": "int[]"},
)


def find(session: Session, company_id: int, workflow_id: int) -> Workflow | None:
    """Return a workflow, None without one."""
    return _one(session, f"{_SELECT} where w.company_id = :company and w.id = :id", company_id, workflow_id)


def lock(session: Session, company_id: int, workflow_id: int) -> Workflow | None:
    """Lock a workflow until the transaction ends and return it; None without one."""
    # In a statement of its own: a join would show the version of before, where the lock waited for a change.
    locked = text("select 1 from workflows where company_id = :company and id = :id for update")
    if session.execute(locked, {"company": company_id, "id": workflow_id}).first() is None:
        return None
    return find(session, company_id, workflow_id)


def page(session: Session, company_id: int, *, state: str | None, after: int, limit: int) -> list[Workflow]:
    """Return up to `limit` workflows added after the workflow `after`, in order of addition."""
    query = text(
        f"{_SELECT} where w.company_id = :company and w.id > :after and (:state is null or w.state = :state)"
        " order by w.id limit :limit"
    )
    values = {"company": company_id, "after": after, "limit": limit, "state": state}
    return [_workflow(row) for row in session.execute(query, values)]


def count(session: Session, company_id: int) -> int:
    """Return how many workflows a company has."""
    query = text("select count(*) from workflows where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def add(
    session: Session, company_id: int, name: str, description: str, scope: Scope, definition: Definition
) -> Workflow:
    """Insert a draft with its first version and return it; raise WorkflowExists."""
    statement = text(
        "insert into workflows (company_id, name, description, category, sub_category, department)"
        " values (:company, :name, :description, :category, :sub_category, :department)"
        " on conflict (company_id, lower(name)) where not is_default do nothing returning id"
    )
    values = {"company": company_id, "name": name, "description": description, **vars(scope)}
    workflow_id = session.execute(statement, values).scalar_one_or_none()
    if workflow_id is None:
        raise WorkflowExists(f"there is a workflow {name!r} already")
    return _with_version(session, company_id, workflow_id, 1, definition)


def add_version(
    session: Session, workflow: Workflow, name: str, description: str, scope: Scope, definition: Definition
) -> Workflow:
    """Store a locked workflow's next version and return the workflow; raise WorkflowExists, WorkflowOverlaps."""
    version = workflow.version + 1
    statement = text(
        "update workflows set name = :name, description = :description, category = :category,"
        " sub_category = :sub_category, department = :department, version = :version, revision = revision + 1,"
        " updated_at = clock_timestamp() where company_id = :company and id = :id"
    )
    values = {"company": workflow.company_id, "id": workflow.id, "version": version, **vars(scope)}
    _execute(session, statement, {**values, "name": name, "description": description})
    return _with_version(session, workflow.company_id, workflow.id, version, definition)


def set_state(session: Session, workflow: Workflow, state: str) -> Workflow:
    """Set a locked workflow's state and return it; raise WorkflowOverlaps. Index: workflows_deployed."""
    statement = text(
        "update workflows set state = :state, revision = revision + 1, updated_at = clock_timestamp()"
        " where company_id = :company and id = :id"
    )
    _execute(session, statement, {"company": workflow.company_id, "id": workflow.id, "state": state})
    changed = find(session, workflow.company_id, workflow.id)
    assert changed is not None
    return changed


def definition_of(session: Session, company_id: int, workflow_id: int, version: int) -> Definition:
    """Return one version of a workflow."""
    key = company_id, workflow_id, version
    return definitions_of(session, [key])[key]


def definitions_of(session: Session, versions: Collection[Version]) -> dict[Version, Definition]:
    """Return versions of workflows, of any of the session's companies."""

    def read(missing: Collection[Version]) -> dict[Version, Definition]:
        names = ("companies", "workflows", "versions")
        values = dict(zip(names, map(list, zip(*sorted(missing), strict=True)), strict=True))
        rows = session.execute(_VERSIONS, values)
        return {(row.company_id, row.workflow_id, row.version): definitions.from_row(row) for row in rows}

    known: VersionCache[Definition] = session.info[DEFINITIONS]
    return known.find(session, versions, read)


def candidates(session: Session, company_ids: Collection[int]) -> dict[int, list[Candidate]]:
    """Return the workflows that may take tickets, by company: those that are or were deployed, and the default one."""
    found: defaultdict[int, list[Candidate]] = defaultdict(list)
    for row in run(session, [_CANDIDATES], {"companies": sorted(company_ids)}):
        scope = Scope(row.category, row.sub_category, row.department)
        found[row.company_id].append(Candidate(row.id, row.version, scope, row.state, row.is_default))
    return dict(found)


def add_default(session: Session, company_ids: Sequence[int]) -> None:
    """Insert the default workflow of companies that have none; of two concurrent calls one inserts it."""
    for company_id in sorted(company_ids):
        statement = text(
            "insert into workflows (company_id, name, description, state, is_default)"
            " select :company, :name, :description, :state, true"
            " where not exists (select from workflows where company_id = :company and is_default)"
            " on conflict (company_id) where is_default do nothing returning id"
        )
        values = {
            "company": company_id,
            "name": default_workflow.NAME,
            "description": default_workflow.DESCRIPTION,
            "state": DEPLOYED,
        }
        workflow_id = session.execute(statement, values).scalar_one_or_none()
        if workflow_id is not None:
            _with_version(session, company_id, workflow_id, 1, default_workflow.DEFINITION)


def _with_version(
    session: Session, company_id: int, workflow_id: int, version: int, definition: Definition
) -> Workflow:
    key = {"company": company_id, "workflow": workflow_id, "version": version}
    session.execute(_ADD_VERSION, {**key, **definitions.to_values(definition)})
    stored = find(session, company_id, workflow_id)
    assert stored is not None
    return stored


def _execute(session: Session, statement: Any, values: dict[str, Any]) -> None:
    try:
        session.execute(statement, values)
    except IntegrityError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if constraint == "workflows_name":
            raise WorkflowExists(f"there is a workflow {values['name']!r} already") from None
        if constraint == "workflows_deployed":
            raise WorkflowOverlaps("another deployed workflow takes these tickets; pause it first") from None
        raise


def _one(session: Session, sql: str, company_id: int, workflow_id: int) -> Workflow | None:
    row = session.execute(text(sql), {"company": company_id, "id": workflow_id}).one_or_none()
    return None if row is None else _workflow(row)


def _workflow(row: Row[Any]) -> Workflow:
    return Workflow(
        company_id=row.company_id,
        id=row.id,
        name=row.name,
        description=row.description,
        scope=Scope(row.category, row.sub_category, row.department),
        state=row.state,
        is_default=row.is_default,
        version=row.version,
        definition=definitions.from_row(row),
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
