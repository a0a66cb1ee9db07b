"""Downloads the published encoder: one fixed revision, and only files with the expected hashes."""

import time
from collections.abc import Callable
from pathlib import Path

import requests

from model_kit.model_store import MODEL, TOKENIZER, sha256

HUB = "https://huggingface.co"
REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
REVISION = "d83dd3760b5bfe921f2fe125446b17bf0b7eda8c"
FILES = {
    MODEL: (
        "onnx/model_qint8_avx512_vnni.onnx",
        "4278337fd0ff3c68bfb6291042cad8ab363e1d9fbc43dcb499fe91c871902474",
    ),
    TOKENIZER: ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
}
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
MAX_DOWNLOAD_SECONDS = 600.0
"""For one file: without it a hub that sends a byte at a time would hold the download for ever."""
MAX_FILE_BYTES = 100_000_000
CHUNK_BYTES = 1 << 18

Progress = Callable[[str, int, int], None]
"""(file, bytes so far, bytes in all or 0 if unknown)"""


class HubFailed(Exception):
    """The hub doesn't answer, or its files don't have the expected hashes."""


def fetch(folder: Path, progress: Progress, hub: str = HUB) -> str:
    """Write the published files into `folder`; return their source in words. Raises HubFailed."""
    for name, (path, expected) in FILES.items():
        try:
            _download(f"{hub}/{REPOSITORY}/resolve/{REVISION}/{path}", folder / name, progress)
        except (requests.RequestException, OSError) as error:
            raise HubFailed(f"{hub} did not give {path}: {type(error).__name__}") from None
        if sha256(folder / name) != expected:
            raise HubFailed(f"{hub} gave another {path} than the one that is expected")
    return f"{hub}/{REPOSITORY} at {REVISION}"


def _download(url: str, target: Path, progress: Progress) -> None:
    with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response, target.open("wb") as file:
        response.raise_for_status()
        length = response.headers.get("content-length", "")
        total, done = int(length) if length.isdecimal() else 0, 0
        deadline = time.monotonic() + MAX_DOWNLOAD_SECONDS
        for chunk in response.iter_content(CHUNK_BYTES):
            done += len(chunk)
            if done > MAX_FILE_BYTES:
                raise OSError("too large")
            if time.monotonic() > deadline:
                raise OSError("too slow")
            file.write(chunk)
            progress(target.name, done, total)
