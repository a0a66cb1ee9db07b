"""Exports what a company's people decided, and never a ticket that is gone."""

from collections.abc import Mapping, Sequence
from typing import Any

from service_kit.database.engine import Database
from service_kit.messaging.wire import rfc3339
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.export.files import ExportFailed, ExportFiles
from ai_service.store import examples
from ai_service.store.examples import Labelled

TRIES = 3

log = get_logger(__name__)


class TrainingExport:
    """Makes the workbook of a training."""

    def __init__(self, database: Database, files: ExportFiles) -> None:
        """`files` says where it goes."""
        self._database = database
        self._files = files

    def make(self, company: int, told: Sequence[Labelled]) -> Mapping[str, Any]:
        """Write what people decided; return `tickets` and `bytes`, or `error`: a training goes on without its export.

        A ticket that is deleted while it is written is looked for afterwards: either its deletion is seen here, or it
        comes later and has the workbook removed (`training.export.outdated`).
        """
        for _ in range(TRIES):
            made = self._write(company, told)
            # Also where it failed: the deletion may have taken the unfinished workbook away.
            with self._database.session(company) as session:
                if examples.all_labelled(session, company, [each.ticket_id for each in told]):
                    return made
                told = examples.labelled(session, company)
            self._write(company, ())
        return {"error": "tickets were deleted while it was written"}

    def _write(self, company: int, told: Sequence[Labelled]) -> Mapping[str, Any]:
        try:
            if not told:
                self._files.remove(company)
                return {"tickets": 0}
            return {"tickets": len(told), "bytes": self._files.write(company, map(_row, told))}
        except (ExportFailed, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            log.warning("export failed", company=company, reason=reason)
            return {"error": reason or type(error).__name__}


def _row(each: Labelled) -> tuple[int | str | None, ...]:
    return (
        each.text, each.label, each.ticket_id, each.priority, rfc3339(each.labelled_at), rfc3339(each.created_at)
    )  # fmt: skip
