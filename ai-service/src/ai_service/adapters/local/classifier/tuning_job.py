"""Fine-tunes an encoder: `python -m ai_service.adapters.local.classifier.tuning_job FOLDER [WEIGHTS]`.

A separate process, because torch takes a gigabyte: if memory runs out, only this process ends. Reads `tuning.json` and
`layer.npz` from the folder; writes the encoder into `tuned/`, its linear layer into `tuned.npz` and the report into
`tuned.json`. Its output reports the progress.
"""

import json
import sys
from pathlib import Path

import numpy as np
from model_kit.tuning import tune

from ai_service.adapters.child_process import end_with_parent, one_thread, report_step


def run(folder: Path, weights: Path | None) -> None:
    """Run the folder's job; `weights` is the folder of another model than the packaged one."""
    job = json.loads((folder / "tuning.json").read_text(encoding="utf-8"))
    with np.load(folder / "layer.npz", allow_pickle=False) as layer:
        begin = layer["weights"], layer["bias"]
    tuned = tune(
        job["texts"],
        job["places"],
        begin,
        folder / "tuned",
        epochs=job["epochs"],
        seconds=job["seconds"],
        report=report_step,
        weights=weights,
        seed=job["seed"],
    )
    np.savez(folder / "tuned.npz", weights=tuned.weights, bias=tuned.bias)
    report = {"epochs": round(tuned.epochs, 2), "device": tuned.device}
    (folder / "tuned.json").write_text(json.dumps(report), encoding="utf-8")


def main() -> None:
    """Run the job of the folder given on the command line."""
    folder, *weights = (Path(each) for each in sys.argv[1:3])
    end_with_parent()
    with one_thread():
        run(folder, weights[0] if weights else None)


if __name__ == "__main__":
    main()
