"""Trainings with equal inputs run once: each takes a process of its own several seconds."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from ai_service.adapters.local import trainer
from ai_service.adapters.local.job_process import JobLimits


@pytest.fixture(scope="session", autouse=True)
def equal_trainings_run_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the results of successful trainings, which depend on nothing but the files of the job."""
    kept: dict[str, tuple[Path, list[str]]] = {}
    run_job = trainer.run_job

    def run_once(
        module: str, folder: Path, encoder_folder: Path, limits: JobLimits, step: Callable[[str], None]
    ) -> str | None:
        inputs = [*sorted(each for each in folder.rglob("*") if each.is_file()), encoder_folder / "manifest.json"]
        key = hashlib.sha256(repr((module, limits)).encode())
        for each in inputs:
            key.update(each.name.encode() + each.read_bytes())
        if key.hexdigest() in kept:
            results, steps = kept[key.hexdigest()]
            for line in steps:
                step(line)
            copytree(results, folder, dirs_exist_ok=True)
            return None
        steps = []

        def noted(line: str) -> None:
            steps.append(line)
            step(line)

        error = run_job(module, folder, encoder_folder, limits, noted)
        if error is None:
            results = tmp_path_factory.mktemp("training")
            copytree(folder, results, dirs_exist_ok=True)
            kept[key.hexdigest()] = results, steps
        return error

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trainer, "run_job", run_once)
        yield
