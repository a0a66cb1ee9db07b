"""The answer encoder: it was taught which sentence answers an English question (ADR 0023).

`benchmarks/answer_encoder.py` taught it. Its files are part of this package, so no answer waits for a download. The
index keeps the vectors of the encoder as its authors published it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from model_kit.local import LocalEncoder, local_encoder

FOLDER = Path(__file__).with_name("taught_encoder")
NAME = "all-MiniLM-L6-v2-answers-int8"


def answer_encoder() -> LocalEncoder:
    """Return this process's encoder. It is loaded at its first use, which takes some tenths of a second and 80 MB."""
    return local_encoder(FOLDER)


def scores(embed: Callable[[Sequence[str]], Any]) -> Callable[[str, Sequence[str]], Any]:
    """Return a function that scores texts for a question, by the cosines of an encoder."""

    def score(question: str, texts: Sequence[str]) -> Any:
        rows = embed([question, *texts])
        return rows[1:] @ rows[0]

    return score
