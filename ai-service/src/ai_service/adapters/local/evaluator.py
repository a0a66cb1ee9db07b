"""Runs an evaluation in a child process and returns its result."""

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.local.job_process import JobLimits, run_job, work_folder
from ai_service.store import evaluations
from ai_service.store.evaluations import STEP_SQL

MODULE = "ai_service.adapters.local.classifier.evaluation_job"
PREPARATION_GRACE_SECONDS = 5.0
"""Within this time after a start of the service the preparation of the encoder begins, if it can."""
POLL_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class EvaluationResult:
    """A report with its chart (a PNG), or an error."""

    report: Mapping[str, Any] | None = None
    chart: bytes | None = None
    error: str | None = None


class Evaluator:
    """Runs evaluations. Raises OperationalError without a database; other errors are in the result."""

    def __init__(
        self, database: Database, encoder_folder: Path | None, *, limits: JobLimits, fine_tune_seconds: float
    ) -> None:
        """`limits` are those of one evaluation without its fine-tuning."""
        self._database = database
        self._encoder_folder = encoder_folder
        self._limits = limits
        self._fine_tune_seconds = fine_tune_seconds

    def evaluate(self, company_id: int, number: int) -> EvaluationResult:
        """Run the evaluation with a number."""
        if self._encoder_folder is None or not self._has_model(self._encoder_folder, company_id, number):
            return EvaluationResult(error="there is no local model to evaluate; see MODELS_DIR and the README")
        with self._database.session(company_id) as session:
            job = evaluations.input_of(session, company_id, number)
        if job is None:
            return EvaluationResult(error="its input is gone")
        content = orjson.loads(zlib.decompress(job))
        content["plan"]["fine_tune_seconds"] = self._fine_tune_seconds
        tuning = self._fine_tune_seconds if content["plan"].get("fine_tune") else 0.0
        limits = replace(self._limits, seconds=self._limits.seconds + tuning)
        with work_folder(self._encoder_folder, limits.seconds) as folder:
            (folder / "job.json").write_bytes(orjson.dumps(content))
            error = run_job(
                MODULE, folder, self._encoder_folder, limits, lambda step: self._step(company_id, number, step)
            )
            if error is not None:
                log.warning("evaluation failed", evaluation=number)
                return EvaluationResult(error=error)
            report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            return EvaluationResult(report, (folder / "reliability.png").read_bytes())

    def _has_model(self, folder: Path, company_id: int, number: int) -> bool:
        """Return whether there is an encoder; on a new machine wait while it is being prepared."""
        from model_kit.provision import is_provisioning

        manifest = folder / "manifest.json"
        started = time.monotonic()
        while not manifest.is_file():
            waited = time.monotonic() - started
            if waited > self._limits.seconds or (waited > PREPARATION_GRACE_SECONDS and not is_provisioning(folder)):
                return manifest.is_file()  # the preparation may have ended between the two checks
            self._step(company_id, number, "waiting for the local model, which is being prepared")
            time.sleep(POLL_SECONDS)
        return True

    def _step(self, company_id: int, number: int, step: str) -> None:
        self._database.execute_and_commit(company_id, STEP_SQL, {"company": company_id, "number": number, "step": step})
