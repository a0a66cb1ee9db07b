"""The folder a model stands in: its files and a manifest with their hashes, put there whole or not at all."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

MODEL = "encoder.onnx"
TOKENIZER = "tokenizer.json"
MANIFEST = "manifest.json"
FORMAT = 1
LEFTOVER_SECONDS = 24 * 3600


class NotReady(Exception):
    """There is no model in the folder, or none that can be trusted."""


@dataclass(frozen=True)
class Manifest:
    """What stands in a folder."""

    model: str
    """The model's name."""
    source: str
    """Where its files come from, in words."""
    files: dict[str, str]
    """SHA-256 of each file, in hexadecimal."""
    format: int = FORMAT

    @property
    def name(self) -> str:
        """Return the model's name with the beginning of its hash: vectors of two names can't be compared."""
        return f"{self.model}-{self.files[MODEL][:12]}"


def read_shelf(folder: Path) -> Manifest:
    """Return the manifest of a folder whose files are what it says. Raises NotReady."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**told)
    except FileNotFoundError:
        raise NotReady(f"no model in {folder}") from None
    except (OSError, ValueError, TypeError) as error:
        raise NotReady(f"{folder / MANIFEST} can't be read: {error}") from None
    if manifest.format != FORMAT or not isinstance(manifest.files, dict) or {MODEL, TOKENIZER} - manifest.files.keys():
        raise NotReady(f"{folder / MANIFEST} was written by another version")
    for name, expected in manifest.files.items():
        if name != Path(name).name or not (folder / name).is_file():
            raise NotReady(f"{folder} lacks {name}")
        if sha256(folder / name) != expected:
            raise NotReady(f"{folder / name} is not the file that its manifest names")
    return manifest


def fill_shelf(folder: Path, model: str, make: Callable[[Path], str]) -> Manifest:
    """Have `make` write the files into an empty folder and put that in place of `folder`.

    `make` returns their source in words; where it raises, or the process dies, `folder` stays as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        source = make(workplace)
        files = {name: sha256(workplace / name) for name in (MODEL, TOKENIZER)}
        manifest = Manifest(model, source, files)
        (workplace / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        workplace.chmod(0o755)
        # A folder can't replace one that holds files; whoever looks in between finds none and asks again later.
        if folder.exists():
            shutil.rmtree(folder)
        workplace.rename(folder)
        return manifest
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left beside a folder; none works on a model for so long."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
