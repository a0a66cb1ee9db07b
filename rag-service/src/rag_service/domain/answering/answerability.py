"""Estimates whether passages answer a question, by a logistic model; below a threshold the answerer abstains.

`benchmarks/answers.py` has its training and results, and writes `answerability_weights.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag_service.domain.answering import answerability_weights as trained
from rag_service.domain.answering.language.text_features import content, stems


@dataclass(frozen=True)
class Cosines:
    """Cosines between a question and a passage's title and text."""

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
    """Return the probability that a passage answers a question, 0 to 1; lexical features alone if `cosines` is None."""
    if not sentences or not content(question):
        return 0.0
    model = BY_WORDS if cosines is None else WITH_ENCODER
    return model.probability(features(question, title, sentences, cosines))


def features(question: str, title: str, sentences: Sequence[str], cosines: Cosines | None) -> list[float]:
    """Return the features of the model."""
    words = word_features(question, title, sentences)
    return words if cosines is None else [*cosine_features(cosines), *words]


def threshold(*, encoder: bool) -> float:
    """Return the probability from which passages count as an answer."""
    return trained.THRESHOLD if encoder else trained.THRESHOLD_BY_WORDS


def cosine_features(cosines: Cosines) -> list[float]:
    """Return the cosines of the question with the best sentence, the passage, the title, and the best sentence beyond
    the title.

    The last feature matters most where all passages have one subject: it removes from question and sentence what both
    share with the title, and compares the rest.
    """
    to_title = cosines.question_title
    beyond = max((beyond_title(near, title, to_title) for near, title in cosines.sentences), default=0.0)
    nearest = max((near for near, _ in cosines.sentences), default=0.0)
    return [nearest, cosines.question_passage, to_title, max(-1.0, min(1.0, beyond))]


def beyond_title(to_question: float, to_title: float, question_to_title: float) -> float:
    """Return how near a sentence is to the question in what neither shares with the title."""
    return (to_question - question_to_title * to_title) / (_rest(question_to_title) * _rest(to_title))


def word_features(question: str, title: str, sentences: Sequence[str]) -> list[float]:
    """Return the shares of the question's terms in the passage and in its best sentence, and the number of terms.

    Each share is computed with the title's terms and without them, because a passage that holds its own title's terms
    says nothing.
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
