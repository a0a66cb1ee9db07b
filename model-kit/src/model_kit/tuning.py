"""Fine-tunes the encoder to separate labels and exports the result. Needs the extra `train`.

The encoder's weights are trained (AdamW, warm-up, linear decay) under a linear layer that starts as a logistic
regression on the original encoder's vectors: a random layer would first degrade the encoder.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from model_kit.encoder import MAX_CHARACTERS, Vectors
from model_kit.export import check, export_model, load_model, packaged_weights
from model_kit.model_store import TOKENIZER, Manifest, install_atomically

NAME = "all-MiniLM-L6-v2-tuned-int8"
BATCH_SIZE = 32
MAX_TOKENS = 128
ENCODER_RATE = 5e-5
LAYER_RATE = 1e-3
WEIGHT_DECAY = 0.01
WARM_UP_SHARE = 0.1
"""Share of the training during which the rate grows; then it decays to zero."""
MAX_GRADIENT_NORM = 1.0
SORTED_BATCHES = 50
"""The texts of this many batches are sorted by length: a batch holds texts of similar length, but its members vary."""
REPORT_BATCHES = 20
PROCESSOR_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})

Report = Callable[[str], None]
"""Receives one line of progress."""


@dataclass(frozen=True)
class Tuned:
    """The tuned encoder's manifest, and the linear layer for its vectors."""

    manifest: Manifest
    weights: Vectors
    """A row per label."""
    bias: Vectors
    epochs: float
    """The number of passes over the texts; fewer than requested if the time ran out."""
    device: str


def tune(
    texts: Sequence[str],
    places: Sequence[int],
    layer: tuple[Vectors, Vectors],
    folder: Path,
    *,
    epochs: int,
    seconds: float,
    report: Report,
    weights: Path | None = None,
    seed: int = 0,
) -> Tuned:
    """Tune the encoder on texts and their labels' indices, and write it into `folder` for `OnnxEncoder`.

    `layer` is the initial linear layer, weights (a row per label) and bias, fitted to the original encoder's vectors.
    Training ends after `seconds` at the latest; the export takes half a minute more. `weights` is the folder of another
    model of the same architecture; the default is the packaged one, after a check of its hashes.
    """
    import torch

    source = weights or packaged_weights()
    if weights is None:
        check(source)
    torch.manual_seed(seed)
    # A second thread spins while it waits and takes CPU from other processes.
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_model(source).to(device)
    tokens = _tokens(texts, source / TOKENIZER)
    linear, done = train(
        model, tokens, list(places), layer, device, epochs=epochs, seconds=seconds, report=report, seed=seed
    )
    report("fine-tuning: exporting")
    manifest = install_atomically(folder, NAME, lambda place: _export(model, source, place))
    found = [each.detach().float().cpu().numpy() for each in (linear.weight, linear.bias)]
    return Tuned(manifest, found[0], found[1], done, device)


def _export(model: Any, source: Path, place: Path) -> str:
    export_model(model.to("cpu"), source / TOKENIZER, place)
    return "tuned here"


def _tokens(texts: Sequence[str], file: Path) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    # Halves of surrogate pairs are not characters; the tokenizer would raise.
    readable = (text[:MAX_CHARACTERS].encode("utf-8", "replace").decode() for text in texts)
    return [tokenizer.encode(text).ids for text in readable]


def train(
    model: Any,
    tokens: list[list[int]],
    places: list[int],
    layer: tuple[Vectors, Vectors],
    device: str,
    *,
    epochs: int,
    seconds: float,
    report: Report,
    seed: int,
) -> tuple[Any, float]:
    """Train the model in place; return the linear layer and the number of epochs done."""
    import torch

    linear = torch.nn.Linear(layer[0].shape[1], layer[0].shape[0], device=device)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(layer[0]))
        linear.bias.copy_(torch.from_numpy(layer[1]))
    # Word embeddings are frozen: only those of words in these texts would move, away from all others.
    model.inner.get_input_embeddings().weight.requires_grad_(False)
    trainable = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trainable, "lr": ENCODER_RATE}, {"params": linear.parameters(), "lr": LAYER_RATE}],
        weight_decay=WEIGHT_DECAY,
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    model.train()
    random, started, step = Random(seed), time.monotonic(), 0
    per_epoch = -(-len(tokens) // BATCH_SIZE)
    for epoch in range(epochs):
        for number, batch in enumerate(_batches(tokens, random), 1):
            # The rate reaches zero at the end of the steps or of the time, whichever comes first.
            progress = max(step / (epochs * per_epoch), (time.monotonic() - started) / seconds)
            if progress >= 1:
                return linear, step / per_epoch
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(progress / WARM_UP_SHARE + 1e-3, (1 - progress) / (1 - WARM_UP_SHARE))
            if number % REPORT_BATCHES == 1:
                report(f"fine-tuning: epoch {epoch + 1} of {epochs}, batch {number} of {per_epoch}")
            ids, mask = (torch.tensor(each, device=device) for each in _padded([tokens[place] for place in batch]))
            truth = torch.tensor([places[place] for place in batch], device=device)
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or _processor_supports_bfloat16()):
                vectors = model(ids, mask)
            loss = torch.nn.functional.cross_entropy(linear(vectors.float()), truth)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trainable, MAX_GRADIENT_NORM)
            optimizer.step()
            step += 1
    return linear, float(epochs)


def _batches(tokens: list[list[int]], random: Random) -> Iterator[list[int]]:
    """Yield the indices of all texts in batches of similar length, in another order each time."""
    order = list(range(len(tokens)))
    random.shuffle(order)
    batches = []
    for begin in range(0, len(order), BATCH_SIZE * SORTED_BATCHES):
        part = sorted(order[begin : begin + BATCH_SIZE * SORTED_BATCHES], key=lambda place: len(tokens[place]))
        batches += [part[at : at + BATCH_SIZE] for at in range(0, len(part), BATCH_SIZE)]
    random.shuffle(batches)
    yield from batches


def _padded(rows: list[list[int]]) -> tuple[Any, Any]:
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return ids, mask


def _processor_supports_bfloat16() -> bool:
    """Return whether the processor computes in bfloat16; emulated, half precision is far slower."""
    try:
        return not PROCESSOR_FLAGS.isdisjoint(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return False
