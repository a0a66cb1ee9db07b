"""The real encoder, made of the packaged weights."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_kit.encoder import DIMENSIONS, OnnxEncoder
from model_kit.export import packaged_weights

THINGS = ("my laptop", "the invoice of May", "the coffee machine", "a new colleague's badge", "the VPN", "our payroll")
TROUBLES = (
    "does not work any more",
    "is missing since Monday",
    "was paid twice",
    "makes strange noises",
    "is too slow",
)
SENTENCES = [f"{thing.capitalize()} {trouble}, please help." for thing in THINGS for trouble in TROUBLES]


def test_texts_that_mean_the_same_are_near_each_other(encoder: OnnxEncoder) -> None:
    first, second, other = encoder.embed(
        ["I can't log into my mailbox.", "My e-mail account rejects the password.", "The lift is stuck on floor three."]
    )
    assert first @ second > 0.5
    assert first @ other < 0.3


def test_rows_have_length_one_and_stand_in_the_order_of_the_texts(encoder: OnnxEncoder) -> None:
    texts = [*SENTENCES, "short", "a far longer text " * 60, ""]
    rows = encoder.embed(texts)
    assert rows.shape == (len(texts), DIMENSIONS)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    for place in (0, 7, len(texts) - 2):
        # Eight-bit scales are chosen per batch, so a row depends a little on its neighbours.
        assert rows[place] @ encoder.embed([texts[place]])[0] > 0.97


def test_no_text_gives_no_row(encoder: OnnxEncoder) -> None:
    assert encoder.embed([]).shape == (0, DIMENSIONS)


def test_it_says_what_the_full_model_says(encoder: OnnxEncoder) -> None:
    torch = pytest.importorskip("torch")
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(packaged_weights())
    model = AutoModel.from_pretrained(packaged_weights()).eval()
    tokens = tokenizer(SENTENCES, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**tokens).last_hidden_state
    mask = tokens["attention_mask"].unsqueeze(-1)
    full = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1).numpy()
    cosines = (full * encoder.embed(SENTENCES)).sum(1)
    assert cosines.mean() > 0.98
    assert cosines.min() > 0.95


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=400))
def test_any_text_has_a_row(encoder: OnnxEncoder, text: str) -> None:
    [row] = encoder.embed([text])
    assert np.isfinite(row).all()


@pytest.mark.parametrize("text", ["", "\x00", "\ud800 half a pair", "x" * 1_000_000, "😀" * 5_000, "\u202e\u0301" * 99])
def test_hostile_texts_have_a_row_too(encoder: OnnxEncoder, text: str) -> None:
    [row] = encoder.embed([text])
    assert np.isfinite(row).all()


def test_threads_share_it(encoder: OnnxEncoder) -> None:
    alone = encoder.embed(SENTENCES[:8])
    with ThreadPoolExecutor(8) as pool:
        for rows in pool.map(lambda _: encoder.embed(SENTENCES[:8]), range(32)):
            assert np.allclose(rows, alone, atol=1e-5)


def test_serving_loads_neither_torch_nor_transformers(encoder_folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from model_kit.encoder import OnnxEncoder;"
        "OnnxEncoder(Path(sys.argv[1])).embed(['a text']);"
        "print(sorted({'torch', 'transformers', 'onnx', 'sentence_transformers'} & sys.modules.keys()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(encoder_folder)], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_everyday_words_are_known_and_typing_errors_are_not(encoder: OnnxEncoder) -> None:
    assert encoder.knows("contract")
    assert encoder.knows("pressure")
    assert not encoder.knows("presure")
    assert not encoder.knows("sertificate")
