"""Texts to vectors on a plain processor: all-MiniLM-L6-v2 in eight bits, run by onnxruntime with one thread.

Sentences that mean the same get vectors with a cosine near 1. The model reads the first 256 tokens of a text, about 200
English words, and knows English best.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model_kit.shelf import MODEL, TOKENIZER, Manifest, read_shelf

DIMENSIONS = 384
LONGEST_TOKENS = 256
READ_CHARACTERS = 8_000
"""More than 256 tokens can hold of any language; what lies behind is not even looked at."""
BATCH = 24
"""Texts run together."""
BATCH_TOKENS = 384
"""Tokens run together, padding included: onnxruntime keeps the memory of its largest batch."""

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors; safe in any thread."""

    @property
    def name(self) -> str:
        """Return what tells this model and these weights from all others."""

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, in their order; any text has one."""


class OnnxEncoder:
    """The encoder of a folder that `model_kit.prepare` filled."""

    dimensions = DIMENSIONS

    def __init__(self, folder: Path) -> None:
        """Load it, which takes some tenths of a second and about 80 MB. Raises NotReady, and says why."""
        self.manifest: Manifest = read_shelf(folder)
        # Imported here: a system without a local model must not pay for them.
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        # A second thread spins while it waits and costs three times what it brings (measured); processes scale instead.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [each.name for each in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(LONGEST_TOKENS)
        self._tokenizer.no_padding()

    @property
    def name(self) -> str:
        """Return the model's name with the beginning of its file's hash."""
        return self.manifest.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, in their order.

        Texts of like length are run together: padding short ones to long ones costs more than anything else here.
        """
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        if not texts:
            return rows
        # One by one: encode_batch would take every core.
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
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        [found, *_] = self._session.run(None, {name: given[name] for name in self._inputs})
        return _unit(found if found.ndim == 2 else _mean(found, mask))


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Cut the places, shortest text first, into batches that are neither too many texts nor too many tokens."""
    batch: list[int] = []
    for place in order:
        # The newcomer is the longest so far, so it says how wide the batch would be.
        if batch and (len(batch) == BATCH or (len(batch) + 1) * lengths[place] > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _readable(text: str) -> str:
    # Halves of surrogate pairs are no characters; the tokenizer would raise.
    return text[:READ_CHARACTERS].encode("utf-8", "replace").decode()


def _mean(states: Vectors, mask: NDArray[np.int64]) -> Vectors:
    weights = mask[:, :, None].astype(np.float32)
    pooled: Vectors = (states * weights).sum(1) / np.maximum(weights.sum(1), 1.0)
    return pooled


def _unit(rows: Vectors) -> Vectors:
    scaled: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled.astype(np.float32)
