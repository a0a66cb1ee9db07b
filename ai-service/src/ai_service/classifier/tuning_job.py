"""Tunes an encoder in a process of its own: `python -m ai_service.classifier.tuning_job FOLDER [WEIGHTS]`.

In a process of its own, because torch takes a gigabyte, and where the machine has none only this one ends. Reads
`tuning.json` and `layer.npz` from the folder; writes the encoder into `tuned/`, its layer into `tuned.npz` and what is
to be said about it into `tuned.json`. Its output tells how far it is.
"""

import json
import sys
from pathlib import Path

import numpy as np
from model_kit.tuning import tune

from ai_service.process import lower_priority, one_thread, tell


def run(folder: Path, weights: Path | None) -> None:
    """Tune as the folder says; `weights` is the folder of another model than the packaged one."""
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
        report=tell,
        weights=weights,
        seed=job["seed"],
    )
    np.savez(folder / "tuned.npz", weights=tuned.weights, bias=tuned.bias)
    said = {"epochs": round(tuned.epochs, 2), "device": tuned.device}
    (folder / "tuned.json").write_text(json.dumps(said), encoding="utf-8")


def main() -> None:
    """Do the job of a folder."""
    folder, *weights = (Path(each) for each in sys.argv[1:3])
    lower_priority()
    with one_thread():
        run(folder, weights[0] if weights else None)


if __name__ == "__main__":
    main()
