"""Do the passages answer the question? A small logistic model says how likely; below a threshold nothing is claimed.

How it was taught and what it achieves: `benchmarks/answers.py`, which also writes `answerability_weights.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag_service.domain.answering import answerability_weights as trained
from rag_service.domain.answering.text_features import content, stems


@dataclass(frozen=True)
class Cosines:
    """How near question, title and text of a passage are to each other, as an encoder sees them."""

    question_passage: float
    question_title: float
    sentences: tuple[tuple[float, float], ...]
    """Per sentence: to the question, to the title."""


@dataclass(frozen=True)
class Model:
    """Weights of a logistic regression on standardised features."""

    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, features: Sequence[float]) -> float:
        """Return the probability that a passage answers."""
        scaled = (
            weight * max(-4.0, min(4.0, (value - mean) / deviation))
            for value, mean, deviation, weight in zip(features, self.means, self.spreads, self.weights, strict=True)
        )
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.bias + sum(scaled)))))


WITH_ENCODER = Model(*trained.WITH_ENCODER)
BY_WORDS = Model(*trained.BY_WORDS)


def probability(question: str, title: str, sentences: Sequence[str], cosines: Cosines | None) -> float:
    """Return how likely a passage answers a question, 0 to 1; by words alone where there is no encoder."""
    if not sentences or not content(question):
        return 0.0
    model = BY_WORDS if cosines is None else WITH_ENCODER
    return model.probability(features(question, title, sentences, cosines))


def features(question: str, title: str, sentences: Sequence[str], cosines: Cosines | None) -> list[float]:
    """Return what the model judges by."""
    words = word_features(question, title, sentences)
    return words if cosines is None else [*cosine_features(cosines), *words]


def threshold(*, encoder: bool) -> float:
    """Return the probability from which passages count as an answer."""
    return trained.THRESHOLD if encoder else trained.THRESHOLD_BY_WORDS


def cosine_features(cosines: Cosines) -> list[float]:
    """Return how near passage, title, the best sentence, and that sentence beyond the title are to the question.

    The last one matters most where all passages are about the same thing: it takes out of question and sentence what
    both have from the title, and compares what is left.
    """
    to_title = cosines.question_title
    beyond = max(
        ((near - to_title * title) / (_rest(to_title) * _rest(title)) for near, title in cosines.sentences),
        default=0.0,
    )
    nearest = max((near for near, _ in cosines.sentences), default=0.0)
    return [nearest, cosines.question_passage, to_title, max(-1.0, min(1.0, beyond))]


def word_features(question: str, title: str, sentences: Sequence[str]) -> list[float]:
    """Return which shares of the question's words the passage and its best sentence hold, and how many words there are.

    Once with the title and once beyond it: that a passage holds its own title's words says nothing.
    """
    asked = content(question)
    named = stems(title)
    beyond = [word for word in asked if word not in named]
    each = [stems(sentence) for sentence in sentences]
    everything = frozenset().union(*each)
    return [
        _share(asked, everything | named),
        _share(beyond, everything),
        max((_share(beyond, words) for words in each), default=0.0),
        math.log1p(len(asked)),
    ]


def _share(words: Sequence[str], held: frozenset[str]) -> float:
    return sum(word in held for word in words) / len(words) if words else 1.0


def _rest(cosine: float) -> float:
    return math.sqrt(max(1e-3, 1.0 - cosine * cosine))
