"""Teaches the encoder to tell labels apart, and exports what it became. Needs the extra `train`.

The encoder's last layers move a little (AdamW, warm-up, linear decay) under a linear layer that begins where a logistic
regression on the untouched encoder ended: begun at random, it would first spoil what the encoder knows.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from model_kit.encoder import READ_CHARACTERS, Vectors
from model_kit.export import check, export_model, load_model, packaged_weights
from model_kit.shelf import TOKENIZER, Manifest, fill_shelf

NAME = "all-MiniLM-L6-v2-tuned-int8"
BATCH = 32
LONGEST_TOKENS = 128
ENCODER_RATE = 5e-5
LAYER_RATE = 1e-3
WEIGHT_DECAY = 0.01
WARM_UP = 0.1
"""So much of the way the rate grows; then it falls to nothing."""
STEEPEST = 1.0
SORTED_BATCHES = 50
"""Texts of so many batches are sorted by length: a batch holds texts of like length, but not always the same ones."""
TELL_BATCHES = 20
PROCESSOR_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Tuned:
    """What came of it: the encoder's manifest, and the linear layer for its vectors."""

    manifest: Manifest
    weights: Vectors
    """A row per label."""
    bias: Vectors
    epochs: float
    """How often each text was learnt from; fewer times than asked for where time was short."""
    device: str


def tune(
    texts: Sequence[str],
    places: Sequence[int],
    layer: tuple[Vectors, Vectors],
    folder: Path,
    *,
    epochs: int,
    seconds: float,
    tell: Tell,
    weights: Path | None = None,
    seed: int = 0,
) -> Tuned:
    """Tune the encoder on texts with the places of their labels and put it into `folder`, as `OnnxEncoder` reads it.

    `layer` is the linear layer to begin with, weights (a row per label) and bias, fitted to the untouched encoder's
    vectors. After `seconds` of tuning what was reached is taken; the export, half a minute, comes on top. `weights` is
    the folder of another model of the same shape; without it the packaged one's are taken, if they are the published.
    """
    import torch

    source = weights or packaged_weights()
    if weights is None:
        check(source)
    torch.manual_seed(seed)
    # A second thread spins while it waits, and others have work to do.
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_model(source).to(device)
    tokens = _tokens(texts, source / TOKENIZER)
    linear, done = learn(
        model, tokens, list(places), layer, device, epochs=epochs, seconds=seconds, tell=tell, seed=seed
    )
    tell("fine-tuning: exporting")
    manifest = fill_shelf(folder, NAME, lambda place: _export(model, source, place))
    found = [each.detach().float().cpu().numpy() for each in (linear.weight, linear.bias)]
    return Tuned(manifest, found[0], found[1], done, device)


def _export(model: Any, source: Path, place: Path) -> str:
    export_model(model.to("cpu"), source / TOKENIZER, place)
    return "tuned here"


def _tokens(texts: Sequence[str], file: Path) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.no_padding()
    # Halves of surrogate pairs are no characters; the tokenizer would raise.
    read = (text[:READ_CHARACTERS].encode("utf-8", "replace").decode() for text in texts)
    return [tokenizer.encode(text).ids for text in read]


def learn(
    model: Any,
    tokens: list[list[int]],
    places: list[int],
    layer: tuple[Vectors, Vectors],
    device: str,
    *,
    epochs: int,
    seconds: float,
    tell: Tell,
    seed: int,
) -> tuple[Any, float]:
    """Change the model; return the linear layer and the epochs done."""
    import torch

    linear = torch.nn.Linear(layer[0].shape[1], layer[0].shape[0], device=device)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(layer[0]))
        linear.bias.copy_(torch.from_numpy(layer[1]))
    # A word's own vector would move only for the words that occur here, away from those that will occur.
    model.inner.get_input_embeddings().weight.requires_grad_(False)
    moving = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": moving, "lr": ENCODER_RATE}, {"params": linear.parameters(), "lr": LAYER_RATE}],
        weight_decay=WEIGHT_DECAY,
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    model.train()
    random, begun, step = Random(seed), time.monotonic(), 0
    per_epoch = -(-len(tokens) // BATCH)
    for epoch in range(epochs):
        for number, batch in enumerate(_batches(tokens, random), 1):
            # Whatever comes first, the steps or the time, the rate has fallen to nothing when it comes.
            way = max(step / (epochs * per_epoch), (time.monotonic() - begun) / seconds)
            if way >= 1:
                return linear, step / per_epoch
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(way / WARM_UP + 1e-3, (1 - way) / (1 - WARM_UP))
            if number % TELL_BATCHES == 1:
                tell(f"fine-tuning: epoch {epoch + 1} of {epochs}, batch {number} of {per_epoch}")
            ids, mask = (torch.tensor(each, device=device) for each in _padded([tokens[place] for place in batch]))
            truth = torch.tensor([places[place] for place in batch], device=device)
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or _processor_knows_bfloat16()):
                vectors = model(ids, mask)
            loss = torch.nn.functional.cross_entropy(linear(vectors.float()), truth)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(moving, STEEPEST)
            optimizer.step()
            step += 1
    return linear, float(epochs)


def _batches(tokens: list[list[int]], random: Random) -> Iterator[list[int]]:
    """Yield the places of all texts in batches of like length, in another order each time."""
    order = list(range(len(tokens)))
    random.shuffle(order)
    batches = []
    for begin in range(0, len(order), BATCH * SORTED_BATCHES):
        part = sorted(order[begin : begin + BATCH * SORTED_BATCHES], key=lambda place: len(tokens[place]))
        batches += [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
    random.shuffle(batches)
    yield from batches


def _padded(rows: list[list[int]]) -> tuple[Any, Any]:
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return ids, mask


def _processor_knows_bfloat16() -> bool:
    """Tell whether half precision is quicker; where a processor must imitate it, it is far slower."""
    try:
        return not PROCESSOR_FLAGS.isdisjoint(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return False
