"""The encoder for tests: made once per virtual environment, of the packaged weights."""

import sys
from pathlib import Path

import pytest

from model_kit.encoder import OnnxEncoder
from model_kit.prepare import CantPrepare, prepare


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """A folder with the encoder; half a minute where it has to be made first."""
    folder = Path(sys.prefix) / "models" / "encoder"
    try:
        prepare(folder, "package", install=False, say=lambda _text: None)
    except CantPrepare as reason:
        pytest.fail(str(reason))
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> OnnxEncoder:
    """The encoder itself."""
    return OnnxEncoder(encoder_folder)
