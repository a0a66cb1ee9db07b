"""Serializes heads as arrays and JSON, never as pickle; a checksum detects changed bytes.

Stored heads of earlier versions must stay readable, so the names of stored fields differ from those in the code.
"""

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np

from ai_service.adapters.local.classifier.calibration import Threshold
from ai_service.adapters.local.classifier.ensemble import MEMBERS, Ensemble, KernelDensity, LinearModel
from ai_service.adapters.local.classifier.features import Vocabulary
from ai_service.adapters.local.classifier.head import Head, Scope, TunedMember, WeightedThreshold

FORMAT = 3
READABLE = (2, FORMAT)
"""Heads of format 2 have no separate calibration for near duplicates."""
STORED_JSON = "told"
"""The array that holds everything but the numbers."""
MAX_HEAD_BYTES = 200_000_000
_DIGEST = 32


class BadHead(Exception):
    """The bytes are not a head that this version of the program can read."""


def pack(head: Head) -> bytes:
    """Return a head as bytes that begin with their hash. A tuned encoder is named, not included.

    Raises ValueError for the result of `with_encoder`, which has lost the calibration of its three members.
    """
    tuned = head.tuned
    if head.tuned_encoder is not None:
        raise ValueError("store the head as it was before `with_encoder`")
    stored: dict[str, Any] = {
        "format": FORMAT,
        "version": head.version,
        "encoder": head.encoder,
        "labels": head.labels,
        "words": head.vocabulary.words,
        "pieces": head.vocabulary.ngrams,
        "span": head.vocabulary.span,
        "told": head.ensemble.memory.label_texts,
        "threshold": asdict(head.general.threshold),
        "duplicates": None if head.duplicates is None else asdict(head.duplicates.threshold),
        "scope": asdict(head.scope),
        "memory_subjects": head.example_subjects,
        "examples": head.examples,
        "tuned": None
        if tuned is None
        else {"encoder": tuned.encoder, "threshold": asdict(tuned.general.threshold), "scope": asdict(tuned.scope)},
    }
    texts: dict[str, Any] = {STORED_JSON: np.frombuffer(json.dumps(stored).encode(), np.uint8)}
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        **texts,
        # Half precision changes a score by a hundredth of a per cent and halves the size.
        words=head.ensemble.words.weights.astype(np.float16),
        words_bias=head.ensemble.words.bias,
        meaning=head.ensemble.meaning.weights,
        meaning_bias=head.ensemble.meaning.bias,
        memory=head.ensemble.memory.vectors.astype(np.float16),
        memory_places=head.ensemble.memory.places,
        mixture=head.general.weights,
        **_duplicate_arrays(head),
        word_rarity=head.vocabulary.word_weights,
        piece_rarity=head.vocabulary.ngram_weights,
        **({} if tuned is None else _tuned_arrays(tuned)),
    )
    body = buffer.getvalue()
    return hashlib.sha256(body).digest() + body


def _duplicate_arrays(head: Head) -> dict[str, Any]:
    return {} if head.duplicates is None else {"duplicates_mixture": head.duplicates.weights}


def _tuned_arrays(tuned: TunedMember) -> dict[str, Any]:
    return {"tuned": tuned.model.weights, "tuned_bias": tuned.model.bias, "tuned_mixture": tuned.general.weights}


def unpack(data: bytes) -> Head:
    """Return the head that `pack` serialized. Raises BadHead."""
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if len(data) > MAX_HEAD_BYTES or hashlib.sha256(body).digest() != digest:
        raise BadHead("the bytes are not those that were stored")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return _head(json.loads(arrays[STORED_JSON].tobytes()), dict(arrays))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadHead(f"not a head: {type(error).__name__}") from None


def _head(stored: dict[str, Any], arrays: dict[str, Any]) -> Head:
    if stored["format"] not in READABLE:
        raise BadHead(f"format {stored['format']}, where {FORMAT} is known")
    labels, words, pieces = (tuple(stored[name]) for name in ("labels", "words", "pieces"))
    by_words = LinearModel(arrays["words"].astype(np.float32), arrays["words_bias"])
    by_meaning = LinearModel(arrays["meaning"], arrays["meaning_bias"])
    memory = KernelDensity(
        arrays["memory"].astype(np.float32), arrays["memory_places"], len(labels), int(stored["told"])
    )
    size = memory.vectors.shape[1] if memory.vectors.ndim == 2 else 0
    fits = (
        by_words.weights.shape == (len(labels), len(words) + len(pieces))
        and by_meaning.weights.shape == (len(labels), size)
        and by_words.bias.shape == by_meaning.bias.shape == (len(labels),)
        and memory.places.shape == (len(memory.vectors),)
        and bool(np.all((memory.places >= 0) & (memory.places < len(labels))))
        and arrays["mixture"].shape == arrays.get("duplicates_mixture", arrays["mixture"]).shape == (len(MEMBERS),)
        and arrays["word_rarity"].shape == (len(words),)
        and arrays["piece_rarity"].shape == (len(pieces),)
        and len(memory.examples) == len(stored["memory_subjects"])
    )
    if not fits:
        raise BadHead("its parts don't fit each other")
    return Head(
        version=stored["version"],
        encoder=stored["encoder"],
        labels=labels,
        vocabulary=Vocabulary(words, arrays["word_rarity"], pieces, arrays["piece_rarity"], tuple(stored["span"])),
        ensemble=Ensemble(by_words, by_meaning, memory),
        general=WeightedThreshold(arrays["mixture"], Threshold(**stored["threshold"])),
        duplicates=(
            WeightedThreshold(arrays["duplicates_mixture"], Threshold(**stored["duplicates"]))
            if stored.get("duplicates")
            else None
        ),
        scope=_scope(stored["scope"]),
        example_subjects=tuple(stored["memory_subjects"]),
        examples=int(stored["examples"]),
        # Heads from before fine-tuning lack this field.
        tuned=_tuned(stored["tuned"], arrays, len(labels)) if stored.get("tuned") else None,
    )


def _tuned(stored: dict[str, Any], arrays: dict[str, Any], labels: int) -> TunedMember:
    weights, bias, mixture = arrays["tuned"], arrays["tuned_bias"], arrays["tuned_mixture"]
    if weights.ndim != 2 or (len(weights), *bias.shape, *mixture.shape) != (labels, labels, len(MEMBERS) + 1):
        raise BadHead("its parts don't fit each other")
    model = LinearModel(weights, bias)
    general = WeightedThreshold(mixture, Threshold(**stored["threshold"]))
    return TunedMember(stored["encoder"], model, general, _scope(stored["scope"]))


def _scope(stored: dict[str, Any]) -> Scope:
    return Scope(tuple(stored["energy"]), tuple(stored["nearness"]), stored["lowest"])
