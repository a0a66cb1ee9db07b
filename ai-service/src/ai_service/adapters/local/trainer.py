"""Has a company's head trained by a process of its own, and says what came of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.local.job_process import run_job, work_folder
from ai_service.adapters.local.tuned import put
from ai_service.domain.company import Company
from ai_service.domain.learning import FineTuning
from ai_service.store import companies, examples, models, training, tuned_encoders
from ai_service.store.examples import Labelled
from ai_service.store.training import STEP_SQL

TARGET_PRECISION = 0.9
MODULE = "ai_service.classifier.training_job"
NOTHING_NEW = "there is nothing new to learn: people have decided about no ticket since the last training"

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
    tuned: bytes | None = None
    """The encoder that was tuned for it, if it uses one."""
    team_head: bytes | None = None
    """What it has for teams, if anything."""
    held_out: Mapping[int, bool] = field(default_factory=dict)
    """The tickets that were used for the first time: held out, or learnt from."""


class Trainer:
    """Trains heads. Raises only what the database raises where it can't be asked; all else is an outcome."""

    def __init__(
        self,
        database: Database,
        encoder_folder: Path | None,
        *,
        seconds: float,
        fine_tuning: FineTuning,
        export: Callable[[int, Sequence[Labelled]], Mapping[str, Any]],
    ) -> None:
        """`seconds` bounds one training without its fine-tuning.

        `export` keeps a company's decisions outside and returns what to report.
        """
        self._database = database
        self._encoder_folder = encoder_folder
        self._seconds = seconds
        self._fine_tuning = fine_tuning
        self._export = export

    def train(self, company: int, run: int) -> Outcome:
        """Export what a company's people decided, and train its head from it."""
        self._step(company, run, "collecting")
        with self._database.session(company) as session:
            if training.nothing_new_for(session, company, run):
                return Outcome("kept", report={"reasons": [NOTHING_NEW], "nothing_new": True})
            told = examples.labelled(session, company)
            known = companies.find(session, company)
            serving = models.serving(session, company)
            head = models.head_of(session, company, serving.version) if serving is not None else None
            team_head = models.team_head_of(session, company, serving.version) if serving is not None else None
            encoder = tuned_encoders.encoder_of(session, company, serving.version) if serving is not None else None
        self._step(company, run, "exporting")
        exported = {"export": self._export(company, told)}
        if self._encoder_folder is None or not (self._encoder_folder / "manifest.json").is_file():
            return Outcome("kept", report={"reasons": ["there is no local model to train a head for"], **exported})
        seconds = self._seconds + (self._fine_tuning.seconds if self._fine_tuning.due(len(told)) else 0.0)
        with work_folder(self._encoder_folder, seconds) as folder:
            _write(folder, told, known, self._fine_tuning)
            if head is not None:
                (folder / "serving.bin").write_bytes(head)
            if team_head is not None:
                (folder / "serving_teams.bin").write_bytes(team_head)
            if encoder is not None:
                put(encoder, folder / "serving", self._encoder_folder)
            error = run_job(MODULE, folder, self._encoder_folder, seconds, lambda step: self._step(company, run, step))
            if error is not None:
                log.warning("training failed", run=run)
                return Outcome("failed", len(told), report=exported, error=error)
            return _outcome(folder, exported)

    def _step(self, company: int, run: int, step: str) -> None:
        self._database.execute_and_commit(company, STEP_SQL, {"company": company, "run": run, "step": step})


def _write(folder: Path, told: Sequence[Labelled], known: Company, fine_tuning: FineTuning) -> None:
    teams = {each.team_id for each in known.teams}
    job = {
        "fine_tune": asdict(fine_tuning),
        "target_precision": TARGET_PRECISION,
        "local_threshold": known.ladder.local_threshold,
        "labels": [{"name": each.name, "description": each.description} for each in known.departments],
        # By number: two teams may bear one name, and a team keeps what it learnt when it is renamed.
        "teams": [
            {"name": str(each.team_id), "called": each.name, "description": each.description} for each in known.teams
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
            for each in told
        ],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def _outcome(folder: Path, exported: Mapping[str, Any]) -> Outcome:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8")) | exported
    head, held_out, tuned = folder / "head.bin", folder / "held_out.json", folder / "tuned" / "encoder.onnx"
    team_head = folder / "teams.bin"
    used = report.get("tuning", {}).get("state") == "used"
    return Outcome(
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
