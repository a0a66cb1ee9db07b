"""Turns texts into vectors on a CPU: all-MiniLM-L6-v2 with eight-bit weights, run by onnxruntime with one thread.

Sentences of equal meaning get vectors with a cosine near 1. The model reads the first 256 tokens of a text, about 200
English words; it was trained on English.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model_kit.model_store import MODEL, TOKENIZER, Manifest, read_manifest

DIMENSIONS = 384
MAX_TOKENS = 256
MAX_CHARACTERS = 8_000
"""More characters than 256 tokens can hold in any language; the rest is not tokenized."""
MAX_BATCH_TEXTS = 24
MAX_BATCH_TOKENS = 384
"""Padding included. onnxruntime keeps the memory of its largest batch."""

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors; safe in any thread."""

    @property
    def name(self) -> str:
        """Return a name that identifies the model and its weights."""

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, in their order; any text is valid."""


class OnnxEncoder:
    """The encoder of a folder that `model_kit.provision` made."""

    dimensions = DIMENSIONS

    def __init__(self, folder: Path) -> None:
        """Load the model, which takes some tenths of a second and about 80 MB. Raises NotReady."""
        self.manifest: Manifest = read_manifest(folder)
        # Imported here, so that a system without a local model doesn't load these libraries.
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        # A second thread spins while it waits and costs three times its gain (measured); use more processes instead.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [each.name for each in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @property
    def name(self) -> str:
        """Return the model's name with the beginning of its file's hash."""
        return self.manifest.name

    def knows(self, word: str) -> bool:
        """Return whether the vocabulary has a word, in lower case, as a whole: everyday English words mostly."""
        return self._tokenizer.token_to_id(word) is not None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, in their order.

        Texts of similar length share a batch, because padding short texts to long ones is the largest cost.
        """
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        if not texts:
            return rows
        # Not encode_batch, which would use every core.
        tokens = [self._tokenizer.encode(_readable(text)).ids for text in texts]
        order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
        for places in _batches(order, [len(each) for each in tokens]):
            rows[places] = self._run([tokens[place] for place in places])
        return rows

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, each in enumerate(tokens):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        [found, *_] = self._session.run(None, {name: inputs[name] for name in self._inputs})
        return _unit(found if found.ndim == 2 else _mean(found, mask))


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield batches of the places, shortest text first, within MAX_BATCH_TEXTS and MAX_BATCH_TOKENS."""
    batch: list[int] = []
    for place in order:
        # `order` is ascending, so the next text determines the padded width of the batch.
        if batch and (len(batch) == MAX_BATCH_TEXTS or (len(batch) + 1) * lengths[place] > MAX_BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _readable(text: str) -> str:
    # Halves of surrogate pairs are not characters; the tokenizer would raise.
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()


def _mean(states: Vectors, mask: NDArray[np.int64]) -> Vectors:
    weights = mask[:, :, None].astype(np.float32)
    pooled: Vectors = (states * weights).sum(1) / np.maximum(weights.sum(1), 1.0)
    return pooled


def _unit(rows: Vectors) -> Vectors:
    scaled: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled.astype(np.float32)
