"""An encoder that needs no model: texts that share words are near each other."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
from ai_service.adapters.local.classifier.examples import Example, LabelInfo
from model_kit.encoder import Vectors

DIMENSIONS = 512
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = {
    "IT": ["laptop", "password", "vpn", "printer", "screen", "login", "wifi", "mouse", "mail", "reboot"],
    "Money": ["invoice", "refund", "budget", "expense", "payment", "tax", "salary", "bank", "receipt", "vendor"],
    "House": ["door", "heating", "lift", "window", "light", "chair", "parking", "kitchen", "leak", "key"],
}
FILLERS = ["please", "help", "today", "since", "monday", "again", "thanks", "dear", "the", "my", "our", "is", "was"]


class WordEncoder:
    """Implements `model_kit.encoder.Encoder` by hashing words."""

    name = "words-000000000000"

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the sum of the words' directions, of length 1."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for place, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()) or ["nothing"]:
                seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
                rows[place] += np.random.default_rng(seed).standard_normal(self.dimensions)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def tickets(number: int, *, noise: float = 0.0, seed: int = 1, words: dict[str, list[str]] = WORDS) -> list[Example]:
    """Write tickets, each with words of its label; a share of the labels is wrong."""
    random = Random(seed)
    found = []
    for place in range(number):
        label = random.choice(list(words))
        text = " ".join(random.sample(words[label], 3) + random.sample(FILLERS, 4)) + f" no {place}"
        chosen = random.choice(list(words)) if random.random() < noise else label
        found.append(Example(str(place), text, chosen, BEGIN + timedelta(minutes=place)))
    return found


LABELS = [LabelInfo(name, f"all about {words[0]}, {words[1]} and {words[2]}") for name, words in WORDS.items()]
