"""Pytest fixtures: the encoder, provisioned once per virtual environment, and the weights of a small model."""

import shutil
import sys
from pathlib import Path

import pytest

from model_kit.encoder import DIMENSIONS, OnnxEncoder
from model_kit.export import packaged_weights
from model_kit.model_store import TOKENIZER
from model_kit.provision import ProvisioningFailed, provision


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """A folder with the encoder; provisioning it takes half a minute the first time."""
    folder = Path(sys.prefix) / "models" / "encoder"
    try:
        provision(folder, "package", install=False, report=lambda _text: None)
    except ProvisioningFailed as reason:
        pytest.fail(str(reason))
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> OnnxEncoder:
    """The encoder of `encoder_folder`."""
    return OnnxEncoder(encoder_folder)


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an untrained model of the encoder's architecture with two thin layers; it is tuned in a second."""
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
