"""`/api/training/{id}/export`: the labelled tickets as a workbook."""

import os

from flask import Response, g, send_file
from service_kit.http.blueprint import Blueprint
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN

from ai_service.dependencies import Dependencies
from ai_service.domain.training import ExportNotFound, TrainingNotFound
from ai_service.store import training as runs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

training_export = Blueprint("training-export", __name__, description="The company's labelled tickets as a workbook.")


@training_export.get("/api/training/<int:run_id>/export")
@allowed(ADMIN)
@training_export.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def get_export(run_id: int) -> Response:
    """Download the workbook of a training; the next training replaces it."""
    company_id = g.caller.company_id
    if runs.get(g.session, company_id, run_id) is None:
        raise TrainingNotFound(f"there is no training {run_id}")
    latest = runs.last_exported(g.session, company_id) == run_id
    # A slow disk or a slow reader must not hold a connection to the database.
    g.session.close()
    deps: Dependencies = g.deps
    file = deps.exports.open(company_id) if latest else None
    if file is None:
        raise ExportNotFound(
            f"training {run_id} has no export, or a later training replaced it, or it was removed with a deleted ticket"
        )
    response = send_file(file, mimetype=XLSX, as_attachment=True, download_name=deps.exports.name, max_age=0)
    response.content_length = os.fstat(file.fileno()).st_size
    response.cache_control.no_store = True
    return response
