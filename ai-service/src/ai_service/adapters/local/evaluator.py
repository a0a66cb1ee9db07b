"""Has an evaluation done by a process of its own, and says what came of it."""

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.local.job_process import run_job, work_folder
from ai_service.store import evaluations
from ai_service.store.evaluations import STEP_SQL

MODULE = "ai_service.classifier.evaluation_job"
BEGIN_SECONDS = 5.0
"""So soon after a start of the service the model begins to be made, if it can be."""
LOOK_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class Evaluated:
    """How an evaluation ended: with a report, or with what went wrong."""

    report: Mapping[str, Any] | None = None
    chart: bytes | None = None
    error: str | None = None


class Evaluator:
    """Evaluates. Raises only what the database raises where it can't be asked; all else is in the result."""

    def __init__(
        self, database: Database, encoder_folder: Path | None, *, seconds: float, fine_tune_seconds: float
    ) -> None:
        """`seconds` bounds one evaluation without its fine-tuning, if that is asked for."""
        self._database = database
        self._encoder_folder = encoder_folder
        self._seconds = seconds
        self._fine_tune_seconds = fine_tune_seconds

    def evaluate(self, company: int, number: int) -> Evaluated:
        """Do the evaluation that was entered under a number."""
        if self._encoder_folder is None or not self._has_model(self._encoder_folder, company, number):
            return Evaluated(error="there is no local model to evaluate; see MODELS_DIR and the README")
        with self._database.session(company) as session:
            job = evaluations.input_of(session, company, number)
        if job is None:
            return Evaluated(error="its input is gone")
        told = orjson.loads(zlib.decompress(job))
        told["plan"]["fine_tune_seconds"] = self._fine_tune_seconds
        seconds = self._seconds + (self._fine_tune_seconds if told["plan"].get("fine_tune") else 0.0)
        with work_folder(self._encoder_folder, seconds) as folder:
            (folder / "job.json").write_bytes(orjson.dumps(told))
            error = run_job(
                MODULE, folder, self._encoder_folder, seconds, lambda step: self._step(company, number, step)
            )
            if error is not None:
                log.warning("evaluation failed", evaluation=number)
                return Evaluated(error=error)
            report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            return Evaluated(report, (folder / "reliability.png").read_bytes())

    def _has_model(self, folder: Path, company: int, number: int) -> bool:
        """Tell whether there is a model to evaluate; on a new machine wait while it is being made."""
        from model_kit.provision import is_provisioning

        manifest = folder / "manifest.json"
        began = time.monotonic()
        while not manifest.is_file():
            waited = time.monotonic() - began
            if waited > self._seconds or (waited > BEGIN_SECONDS and not is_provisioning(folder)):
                return manifest.is_file()  # it may have ended between the two looks
            self._step(company, number, "waiting for the local model, which is being made")
            time.sleep(LOOK_SECONDS)
        return True

    def _step(self, company: int, number: int, step: str) -> None:
        self._database.execute_and_commit(company, STEP_SQL, {"company": company, "number": number, "step": step})
