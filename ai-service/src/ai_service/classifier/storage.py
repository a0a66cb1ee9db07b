"""A head as bytes and back: arrays and JSON, never pickle, and nothing believed that was changed on the way."""

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np

from ai_service.classifier.calibration import Threshold
from ai_service.classifier.features import Vocabulary
from ai_service.classifier.head import Head, Scope

FORMAT = 1
LARGEST_BYTES = 200_000_000
_DIGEST = 32


class BadHead(Exception):
    """These bytes are no head of this version of the program."""


def pack(head: Head) -> bytes:
    """Return a head as bytes, its hash in front."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": head.version,
        "encoder": head.encoder,
        "labels": head.labels,
        "words": head.vocabulary.words,
        "pieces": head.vocabulary.pieces,
        "temperature": head.temperature,
        "threshold": asdict(head.threshold),
        "scope": asdict(head.scope),
        "memory_labels": head.memory_labels,
        "memory_subjects": head.memory_subjects,
        "examples": head.examples,
    }
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        told=np.frombuffer(json.dumps(told).encode(), np.uint8),
        # Half precision: a hundredth of a per cent of a score, and half the size.
        weights=head.weights.astype(np.float16),
        bias=head.bias,
        word_weights=head.vocabulary.word_weights,
        piece_weights=head.vocabulary.piece_weights,
        memory=head.memory.astype(np.float16),
    )
    body = buffer.getvalue()
    return hashlib.sha256(body).digest() + body


def unpack(data: bytes) -> Head:
    """Return the head that `pack` made these bytes of. Raises BadHead."""
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if len(data) > LARGEST_BYTES or hashlib.sha256(body).digest() != digest:
        raise BadHead("the bytes are not those that were stored")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return _head(json.loads(arrays["told"].tobytes()), dict(arrays))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadHead(f"not a head: {type(error).__name__}") from None


def _head(told: dict[str, Any], arrays: dict[str, Any]) -> Head:
    if told["format"] != FORMAT:
        raise BadHead(f"format {told['format']}, where {FORMAT} is known")
    labels, words, pieces = (tuple(told[name]) for name in ("labels", "words", "pieces"))
    weights = arrays["weights"].astype(np.float32)
    memory = arrays["memory"].astype(np.float32)
    fits = (
        weights.ndim == memory.ndim == 2
        and weights.shape == (len(labels), len(words) + len(pieces) + memory.shape[1])
        and arrays["bias"].shape == (len(labels),)
        and arrays["word_weights"].shape == (len(words),)
        and arrays["piece_weights"].shape == (len(pieces),)
        and len(memory) == len(told["memory_labels"]) == len(told["memory_subjects"])
    )
    if not fits:
        raise BadHead("its parts don't fit each other")
    scope = told["scope"]
    return Head(
        version=told["version"],
        encoder=told["encoder"],
        labels=labels,
        vocabulary=Vocabulary(words, arrays["word_weights"], pieces, arrays["piece_weights"]),
        weights=weights,
        bias=arrays["bias"].astype(np.float32),
        temperature=float(told["temperature"]),
        threshold=Threshold(**told["threshold"]),
        scope=Scope(tuple(scope["energy"]), tuple(scope["nearness"]), scope["lowest"]),
        memory=memory,
        memory_labels=tuple(told["memory_labels"]),
        memory_subjects=tuple(told["memory_subjects"]),
        examples=int(told["examples"]),
    )
