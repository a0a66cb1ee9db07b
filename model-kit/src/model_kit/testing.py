"""For tests: the encoder, made once per virtual environment of the packaged weights, and the weights of a small one."""

import shutil
import sys
from pathlib import Path

import pytest

from model_kit.encoder import DIMENSIONS, OnnxEncoder
from model_kit.export import packaged_weights
from model_kit.prepare import CantPrepare, prepare
from model_kit.shelf import TOKENIZER


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


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model like the encoder's, but of two thin layers and untaught: tuned in a second."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("small-weights")
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=30_522, hidden_size=DIMENSIONS, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32
    )
    BertModel(shape).save_pretrained(folder)
    shutil.copyfile(packaged_weights() / TOKENIZER, folder / TOKENIZER)
    return folder
