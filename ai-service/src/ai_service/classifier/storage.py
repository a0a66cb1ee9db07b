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
from ai_service.classifier.experts import EXPERTS, Experts, Linear, Memory
from ai_service.classifier.features import Vocabulary
from ai_service.classifier.head import Head, Reliance, Scope, TunedExpert

FORMAT = 3
READABLE = (2, FORMAT)
"""Heads of format 2 judge near duplicates as they judge all texts."""
LARGEST_BYTES = 200_000_000
_DIGEST = 32


class BadHead(Exception):
    """These bytes are no head of this version of the program."""


def pack(head: Head) -> bytes:
    """Return a head as bytes, its hash in front; a tuned encoder is named in them, not held.

    Raises ValueError for a head that `reading` gave: its figures are of four experts, those of three are gone.
    """
    tuned = head.tuned
    if head.reader is not None:
        raise ValueError("store the head as it was before `reading`")
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": head.version,
        "encoder": head.encoder,
        "labels": head.labels,
        "words": head.vocabulary.words,
        "pieces": head.vocabulary.pieces,
        "span": head.vocabulary.span,
        "told": head.experts.memory.told,
        "threshold": asdict(head.others.threshold),
        "duplicates": None if head.duplicates is None else asdict(head.duplicates.threshold),
        "scope": asdict(head.scope),
        "memory_subjects": head.memory_subjects,
        "examples": head.examples,
        "tuned": None
        if tuned is None
        else {"encoder": tuned.encoder, "threshold": asdict(tuned.others.threshold), "scope": asdict(tuned.scope)},
    }
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        told=np.frombuffer(json.dumps(told).encode(), np.uint8),
        # Half precision: a hundredth of a per cent of a score, and half the size.
        words=head.experts.words.weights.astype(np.float16),
        words_bias=head.experts.words.bias,
        meaning=head.experts.meaning.weights,
        meaning_bias=head.experts.meaning.bias,
        memory=head.experts.memory.vectors.astype(np.float16),
        memory_places=head.experts.memory.places,
        mixture=head.others.mixture,
        **_of_duplicates(head),
        word_rarity=head.vocabulary.word_weights,
        piece_rarity=head.vocabulary.piece_weights,
        **({} if tuned is None else _arrays(tuned)),
    )
    body = buffer.getvalue()
    return hashlib.sha256(body).digest() + body


def _of_duplicates(head: Head) -> dict[str, Any]:
    return {} if head.duplicates is None else {"duplicates_mixture": head.duplicates.mixture}


def _arrays(tuned: TunedExpert) -> dict[str, Any]:
    return {"tuned": tuned.expert.weights, "tuned_bias": tuned.expert.bias, "tuned_mixture": tuned.others.mixture}


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
    if told["format"] not in READABLE:
        raise BadHead(f"format {told['format']}, where {FORMAT} is known")
    labels, words, pieces = (tuple(told[name]) for name in ("labels", "words", "pieces"))
    by_words = Linear(arrays["words"].astype(np.float32), arrays["words_bias"])
    by_meaning = Linear(arrays["meaning"], arrays["meaning_bias"])
    memory = Memory(arrays["memory"].astype(np.float32), arrays["memory_places"], len(labels), int(told["told"]))
    size = memory.vectors.shape[1] if memory.vectors.ndim == 2 else 0
    fits = (
        by_words.weights.shape == (len(labels), len(words) + len(pieces))
        and by_meaning.weights.shape == (len(labels), size)
        and by_words.bias.shape == by_meaning.bias.shape == (len(labels),)
        and memory.places.shape == (len(memory.vectors),)
        and bool(np.all((memory.places >= 0) & (memory.places < len(labels))))
        and arrays["mixture"].shape == arrays.get("duplicates_mixture", arrays["mixture"]).shape == (len(EXPERTS),)
        and arrays["word_rarity"].shape == (len(words),)
        and arrays["piece_rarity"].shape == (len(pieces),)
        and len(memory.examples) == len(told["memory_subjects"])
    )
    if not fits:
        raise BadHead("its parts don't fit each other")
    return Head(
        version=told["version"],
        encoder=told["encoder"],
        labels=labels,
        vocabulary=Vocabulary(words, arrays["word_rarity"], pieces, arrays["piece_rarity"], tuple(told["span"])),
        experts=Experts(by_words, by_meaning, memory),
        others=Reliance(arrays["mixture"], Threshold(**told["threshold"])),
        duplicates=(
            Reliance(arrays["duplicates_mixture"], Threshold(**told["duplicates"])) if told.get("duplicates") else None
        ),
        scope=_scope(told["scope"]),
        memory_subjects=tuple(told["memory_subjects"]),
        examples=int(told["examples"]),
        # Heads that were stored before there were such encoders don't name any.
        tuned=_tuned(told["tuned"], arrays, len(labels)) if told.get("tuned") else None,
    )


def _tuned(told: dict[str, Any], arrays: dict[str, Any], labels: int) -> TunedExpert:
    weights, bias, mixture = arrays["tuned"], arrays["tuned_bias"], arrays["tuned_mixture"]
    if weights.ndim != 2 or (len(weights), *bias.shape, *mixture.shape) != (labels, labels, len(EXPERTS) + 1):
        raise BadHead("its parts don't fit each other")
    expert = Linear(weights, bias)
    others = Reliance(mixture, Threshold(**told["threshold"]))
    return TunedExpert(told["encoder"], expert, others, _scope(told["scope"]))


def _scope(told: dict[str, Any]) -> Scope:
    return Scope(tuple(told["energy"]), tuple(told["nearness"]), told["lowest"])
