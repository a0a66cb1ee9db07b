"""The versions of workflows in which coming to a step has an effect outside of the task."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.definition import Definition
from workflow_service.store import definitions

Version = tuple[int, int, int]
"""Company, workflow, version."""

_WITH_EFFECTS = text(f"""
    select company_id, workflow_id, version, {definitions.COLUMNS} from workflow_versions
    where (company_id, workflow_id, version) in (select * from unnest(
            cast(:companies as int[]), cast(:workflows as bigint[]), cast(:versions as int[])))
        and (end_logic <> 'none' or steps @? '$[*] ? (@.external != null || @.requires_approval == true)')
""")


def with_effects(session: Session, versions: Collection[Version]) -> dict[Version, Definition]:
    """Return those of the versions that have an end logic, or a step that asks a partner or requires an approval."""
    values = {
        "companies": [version[0] for version in versions],
        "workflows": [version[1] for version in versions],
        "versions": [version[2] for version in versions],
    }
    rows = session.execute(_WITH_EFFECTS, values)
    return {(row.company_id, row.workflow_id, row.version): definitions.from_row(row) for row in rows}
