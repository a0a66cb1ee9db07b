"""Exports a company's labelled tickets, without deleted ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from eventbus.wire import rfc3339
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.export.files import ExportFailed, ExportFiles
from ai_service.store import examples
from ai_service.store.examples import Labelled

MAX_TRIES = 3

log = get_logger(__name__)


class TrainingExport:
    """Writes the workbook of a training."""

    def __init__(self, database: Database, files: ExportFiles) -> None:
        """`files` stores the workbooks."""
        self._database = database
        self._files = files

    def write(self, company_id: int, labelled: Sequence[Labelled]) -> Mapping[str, Any]:
        """Write the tickets; return `tickets` and `bytes`, or `error`: a training goes on without its export.

        Afterwards it checks that all tickets still exist. A ticket that is deleted after the check has the workbook
        removed by `training.export.outdated`.
        """
        for _ in range(MAX_TRIES):
            result = self._write(company_id, labelled)
            # Also where it failed: the deletion may have removed the unfinished workbook.
            with self._database.session(company_id) as session:
                if examples.all_exist(session, company_id, [each.ticket_id for each in labelled]):
                    return result
                labelled = examples.labelled(session, company_id)
            self._write(company_id, ())
        return {"error": "tickets were deleted while it was written"}

    def _write(self, company_id: int, labelled: Sequence[Labelled]) -> Mapping[str, Any]:
        try:
            if not labelled:
                self._files.remove(company_id)
                return {"tickets": 0}
            return {"tickets": len(labelled), "bytes": self._files.write(company_id, map(_row, labelled))}
        except (ExportFailed, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            log.warning("export failed", company_id=company_id, reason=reason)
            return {"error": reason or type(error).__name__}


def _row(each: Labelled) -> tuple[int | str | None, ...]:
    return (
        each.text, each.label, each.ticket_id, each.priority, rfc3339(each.labelled_at), rfc3339(each.created_at)
    )  # fmt: skip
