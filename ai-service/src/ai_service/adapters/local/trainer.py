"""Has a company's head trained by a process of its own, and says what came of it."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.domain.departments import Departments
from ai_service.store import companies, examples, models
from ai_service.store.training import STEP_SQL

TARGET_PRECISION = 0.9
LONGEST_STEP = 200
LONGEST_ERROR = 1_000

log = get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a training ended: `promoted`, `kept` (made or not, but not serving) or `failed`."""

    state: str
    examples: int = 0
    report: Mapping[str, Any] | None = None
    error: str | None = None
    version: str | None = None
    encoder: str = ""
    evaluation: Mapping[str, Any] | None = None
    head: bytes | None = None


class Trainer:
    """Trains heads. Raises only what the database raises where it can't be asked; all else is an outcome."""

    def __init__(self, database: Database, encoder_folder: Path | None, *, seconds: float) -> None:
        """`seconds` bounds one training."""
        self._database = database
        self._encoder_folder = encoder_folder
        self._seconds = seconds

    def train(self, company: int, run: int) -> Outcome:
        """Train a company's head from what its people decided."""
        if self._encoder_folder is None or not (self._encoder_folder / "manifest.json").is_file():
            return Outcome("kept", report={"reasons": ["there is no local model to train a head for"]})
        self._step(company, run, "collecting")
        with self._database.session(company) as session:
            told = examples.labelled(session, company)
            departments = companies.find(session, company).departments
            serving = models.serving(session, company)
            head = models.head_of(session, company, serving.version) if serving is not None else None
        with tempfile.TemporaryDirectory(prefix="training-") as name:
            folder = Path(name)
            _write(folder, told, departments, head)
            error = self._run(folder, company, run)
            if error is not None:
                log.warning("training failed", run=run)
                return Outcome("failed", len(told), error=error)
            return _outcome(folder)

    def _run(self, folder: Path, company: int, run: int) -> str | None:
        """Run the process; return what went wrong, None where nothing did."""
        command = [sys.executable, "-m", "ai_service.classifier.job", str(folder), str(self._encoder_folder)]
        with (
            (folder / "errors").open("w+", encoding="utf-8", errors="replace") as errors,
            subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace"
            ) as process,
        ):
            late = threading.Event()

            def stop() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(self._seconds, stop)
            timer.start()
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    self._step(company, run, line.strip()[:LONGEST_STEP])
                code = process.wait()
            except BaseException:
                process.kill()
                raise
            finally:
                timer.cancel()
            if late.is_set():
                return f"it did not end within {self._seconds:.0f} s"
            if code:
                errors.seek(0)
                # The last line names the error; what stands above may quote a ticket.
                lines = errors.read().strip().splitlines()
                return f"the process ended with {code}: {lines[-1] if lines else 'it said nothing'}"[:LONGEST_ERROR]
        return None

    def _step(self, company: int, run: int, step: str) -> None:
        self._database.execute_and_commit(company, STEP_SQL, {"company": company, "run": run, "step": step})


def _write(folder: Path, told: list[tuple[int, str, str, str]], departments: Departments, head: bytes | None) -> None:
    job = {
        "target_precision": TARGET_PRECISION,
        "labels": [{"name": each.name, "description": each.description} for each in departments],
        "examples": [
            {"subject": str(ticket), "text": text, "label": label, "at": at} for ticket, text, label, at in told
        ],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    if head is not None:
        (folder / "serving.bin").write_bytes(head)


def _outcome(folder: Path) -> Outcome:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    head = folder / "head.bin"
    return Outcome(
        report["state"],
        report["examples"],
        report,
        version=report.get("version"),
        encoder=report.get("encoder", ""),
        evaluation=report.get("evaluation"),
        head=head.read_bytes() if head.exists() else None,
    )
