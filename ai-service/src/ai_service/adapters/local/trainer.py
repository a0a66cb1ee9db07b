"""Trains a company's head in a child process and returns the result."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.local.job_process import JobLimits, run_job, work_folder
from ai_service.adapters.local.tuned_encoders import install
from ai_service.domain.company import Company
from ai_service.domain.training import FineTuning
from ai_service.store import companies, examples, models, training, tuned_encoders
from ai_service.store.examples import Labelled
from ai_service.store.training import STEP_SQL

TARGET_PRECISION = 0.9
MODULE = "ai_service.adapters.local.classifier.training_job"
NOTHING_NEW = "there is nothing new to learn: people have decided about no ticket since the last training"

log = get_logger(__name__)


@dataclass(frozen=True)
class TrainingResult:
    """The result of a training; `state` is `promoted`, `kept` (nothing new serves) or `failed`."""

    state: str
    examples: int = 0
    report: Mapping[str, Any] | None = None
    error: str | None = None
    version: str | None = None
    encoder: str = ""
    evaluation: Mapping[str, Any] | None = None
    head: bytes | None = None
    tuned: bytes | None = None
    """The fine-tuned encoder, if the head uses one."""
    team_head: bytes | None = None
    """The head for teams, if there is one."""
    held_out: Mapping[int, bool] = field(default_factory=dict)
    """The tickets that were used for the first time: held out (true) or trained on."""


class Trainer:
    """Trains heads. Raises OperationalError without a database; other errors are in the result."""

    def __init__(
        self,
        database: Database,
        encoder_folder: Path | None,
        *,
        limits: JobLimits,
        fine_tuning: FineTuning,
        export: Callable[[int, Sequence[Labelled]], Mapping[str, Any]],
    ) -> None:
        """`limits` are those of one training without its fine-tuning.

        `export` writes a company's labelled tickets to a workbook and returns its part of the report.
        """
        self._database = database
        self._encoder_folder = encoder_folder
        self._limits = limits
        self._fine_tuning = fine_tuning
        self._export = export

    def train(self, company_id: int, run: int) -> TrainingResult:
        """Export a company's labelled tickets and train a head on them."""
        self._step(company_id, run, "collecting")
        with self._database.session(company_id) as session:
            if training.is_pointless(session, company_id, run):
                return TrainingResult("kept", report={"reasons": [NOTHING_NEW], "nothing_new": True})
            labelled = examples.labelled(session, company_id)
            company = companies.find(session, company_id)
            serving = models.serving(session, company_id)
            head = models.head_of(session, company_id, serving.version) if serving is not None else None
            team_head = models.team_head_of(session, company_id, serving.version) if serving is not None else None
            encoder = tuned_encoders.encoder_of(session, company_id, serving.version) if serving is not None else None
        self._step(company_id, run, "exporting")
        exported = {"export": self._export(company_id, labelled)}
        if self._encoder_folder is None or not (self._encoder_folder / "manifest.json").is_file():
            return TrainingResult(
                "kept", report={"reasons": ["there is no local model to train a head for"], **exported}
            )
        tuning = self._fine_tuning.seconds if self._fine_tuning.is_due(len(labelled)) else 0.0
        limits = replace(self._limits, seconds=self._limits.seconds + tuning)
        with work_folder(self._encoder_folder, limits.seconds) as folder:
            _write_job(folder, labelled, company, self._fine_tuning)
            if head is not None:
                (folder / "serving.bin").write_bytes(head)
            if team_head is not None:
                (folder / "serving_teams.bin").write_bytes(team_head)
            if encoder is not None:
                install(encoder, folder / "serving", self._encoder_folder)
            error = run_job(
                MODULE, folder, self._encoder_folder, limits, lambda step: self._step(company_id, run, step)
            )
            if error is not None:
                log.warning("training failed", run=run)
                return TrainingResult("failed", len(labelled), report=exported, error=error)
            return _result(folder, exported)

    def _step(self, company_id: int, run: int, step: str) -> None:
        self._database.execute_and_commit(company_id, STEP_SQL, {"company": company_id, "run": run, "step": step})


def _write_job(folder: Path, labelled: Sequence[Labelled], company: Company, fine_tuning: FineTuning) -> None:
    teams = {each.team_id for each in company.teams}
    job = {
        "fine_tune": asdict(fine_tuning),
        "target_precision": TARGET_PRECISION,
        "local_threshold": company.cascade.local_threshold,
        "labels": [{"name": each.name, "description": each.description} for each in company.departments],
        # The number is the label: two teams may have one name, and a renamed team keeps its label.
        "teams": [
            {"name": str(each.team_id), "called": each.name, "description": each.description} for each in company.teams
        ],
        "examples": [
            {
                "subject": str(each.ticket_id),
                "text": each.text,
                "label": each.label,
                "at": each.created_at.isoformat(),
                "held_out": each.held_out,
                "team": str(each.team_id) if each.team_id in teams else None,
            }
            for each in labelled
        ],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def _result(folder: Path, exported: Mapping[str, Any]) -> TrainingResult:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8")) | exported
    head, held_out, tuned = folder / "head.bin", folder / "held_out.json", folder / "tuned" / "encoder.onnx"
    team_head = folder / "teams.bin"
    used = report.get("tuning", {}).get("state") == "used"
    return TrainingResult(
        report["state"],
        report["examples"],
        report,
        version=report.get("version"),
        encoder=report.get("encoder", ""),
        evaluation=report.get("evaluation"),
        head=head.read_bytes() if head.exists() else None,
        tuned=tuned.read_bytes() if used else None,
        team_head=team_head.read_bytes() if team_head.exists() else None,
        held_out=(
            {int(ticket): held for ticket, held in json.loads(held_out.read_text(encoding="utf-8")).items()}
            if held_out.exists()
            else {}
        ),
    )
