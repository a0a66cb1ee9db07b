"""A model's folder: its files and a manifest with their hashes. `install_atomically` replaces the folder as a whole."""

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
ABANDONED_SECONDS = 24 * 3600
"""A temporary folder this old belongs to a process that was killed."""


class NotReady(Exception):
    """The folder holds no model, or its files don't match the manifest; the text says which."""


@dataclass(frozen=True)
class Manifest:
    """The contents of a model's folder."""

    model: str
    """The model's name."""
    source: str
    """A description of the files' origin, for people."""
    files: dict[str, str]
    """SHA-256 of each file, in hexadecimal."""
    format: int = FORMAT

    @property
    def name(self) -> str:
        """Return the model's name with the first 12 digits of its hash; only vectors of equal names are comparable."""
        return f"{self.model}-{self.files[MODEL][:12]}"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder after checking each file's hash. Raises NotReady."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**content)
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


def install_atomically(folder: Path, model: str, write_files: Callable[[Path], str]) -> Manifest:
    """Call `write_files` with an empty temporary folder, then rename that folder to `folder`.

    `write_files` returns the source of the files in words. If it raises, or the process dies, `folder` stays as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        source = write_files(temporary)
        files = {name: sha256(temporary / name) for name in (MODEL, TOKENIZER)}
        manifest = Manifest(model, source, files)
        (temporary / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        temporary.chmod(0o755)
        # `rename` can't replace a folder that holds files. A reader in between finds none and retries.
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
        return manifest
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove the temporary folders of killed processes; no installation takes as long as ABANDONED_SECONDS."""
    for temporary in folder.parent.glob(f".{folder.name}-*"):
        with suppress(OSError):
            if time.time() - temporary.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(temporary, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
