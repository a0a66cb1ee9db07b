"""One training in a process of its own: `python -m ai_service.classifier.job FOLDER`.

Reads `job.json` and, where a head serves, `serving.bin` from the folder; writes `report.json` and, where there is
something to keep, `head.bin`. Its output tells how far it is, a line per step.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from model_kit.encoder import Encoder, OnnxEncoder

from ai_service.classifier.calibration import NEVER
from ai_service.classifier.evaluation import Evaluation, evaluate, verdict
from ai_service.classifier.examples import Example, LabelInfo, split, unique
from ai_service.classifier.head import Head
from ai_service.classifier.storage import BadHead, pack, unpack
from ai_service.classifier.training import CantTrain, train

PR_SET_PDEATHSIG = 1
PATIENCE = 10
"""How much nicer than the service's own processes: tickets come first."""


def run(folder: Path, encoder: Encoder) -> dict[str, Any]:
    """Train as the folder says; return the report, which is written there too."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    labels = [LabelInfo(**each) for each in job["labels"]]
    told = (Example(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in job["examples"])
    examples = unique(told, [each.name for each in labels])
    parts = split(examples)
    report: dict[str, Any] = {"examples": len(examples), "held_out": len(parts.held_out)}
    try:
        head = train(parts.learn, labels, encoder, target_precision=job["target_precision"], progress=_tell)
    except CantTrain as reason:
        report |= {"state": "kept", "reasons": [str(reason)]}
    else:
        (folder / "head.bin").write_bytes(pack(head))
        report |= {"version": head.version, "encoder": head.encoder, "threshold": vars(head.threshold)}
        report |= _judged(head, _serving(folder, encoder), parts.held_out, encoder)
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return report


def _judged(head: Head, serving: Head | None, held_out: tuple[Example, ...], encoder: Encoder) -> Mapping[str, Any]:
    if head.threshold.value >= NEVER:
        return {"state": "kept", "reasons": ["too few tickets, or too contradictory ones, to promise any precision"]}
    if not held_out:
        return {"state": "kept", "reasons": ["too few tickets to hold some out and measure on them"]}
    _tell("measuring")
    figures = evaluate(head, held_out, encoder)
    before: Evaluation | None = evaluate(serving, held_out, encoder) if serving is not None else None
    decision = verdict(figures, before)
    return {
        "state": "promoted" if decision.ok else "kept",
        "reasons": list(decision.reasons),
        "evaluation": figures.to_json(),
        "serving": before.to_json() if before is not None else None,
    }


def _serving(folder: Path, encoder: Encoder) -> Head | None:
    file = folder / "serving.bin"
    if not file.exists():
        return None
    with suppress(BadHead):
        head = unpack(file.read_bytes())
        return head if head.encoder == encoder.name else None
    return None


def _tell(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


def main() -> None:
    """Do the job of a folder."""
    folder, encoder = (Path(each) for each in sys.argv[1:3])
    # Without the service nobody would take its result.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(PATIENCE)
    run(folder, OnnxEncoder(encoder))


if __name__ == "__main__":
    main()
