"""Teach when passages answer a question, and write the weights: `python -m benchmarks.answerability`

Taught on CLAPNQ's 600 questions with their passages (Apache-2.0). Every figure comes from questions that the weights
and the threshold behind it were not made of: ten folds by question, the threshold chosen inside the others.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from model_kit.encoder import OnnxEncoder
from numpy.typing import NDArray
from rag_service.domain.answering import answerability
from rag_service.domain.answering.answerability import Model, features
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import cosines_of, safe_sentences_of
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from benchmarks.answer_sets import Case, Corpus, Remembering, alone, searched

ENCODER = Path(__file__).parents[1] / ".venv" / "models" / "encoder"
WEIGHTS = Path(answerability.__file__).with_name("answerability_weights.py")
FALSE_ABSTENTION = 0.15
FALSE_ABSTENTION_BY_WORDS = 0.25
"""By words alone so much is given up, or nearly everything would be claimed."""
FOLDS, SEEDS = 10, range(3)
STRENGTH = 0.1

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Probabilities of held-out questions, with which of them are answered at the threshold of the other folds."""

    probabilities: Rows
    answered: NDArray[np.bool_]
    labels: NDArray[np.bool_]


def described(question: str, passages: Sequence[Passage], embed: Remembering | None) -> list[list[float]]:
    """Return the features of each passage for a question."""
    kept = [safe_sentences_of(each) for each in passages]
    near = cosines_of(question, passages, kept, embed) if embed else [None] * len(kept)
    return [
        features(question, subject_of(each), [one.shown for one in sentences], cosines)
        for each, sentences, cosines in zip(passages, kept, near, strict=True)
    ]


def fit(rows: Rows, labels: NDArray[np.bool_]) -> Model:
    """Return weights for these."""
    means, spreads = rows.mean(0), rows.std(0) + 1e-9
    made = LogisticRegression(C=STRENGTH, max_iter=2_000).fit((rows - means) / spreads, labels)
    return Model(tuple(means), tuple(spreads), tuple(made.coef_[0]), float(made.intercept_[0]))


def best(model: Model, cases: Sequence[Sequence[Sequence[float]]]) -> Rows:
    """Return the probability of each question's likeliest passage."""
    return np.array([max(map(model.probability, passages)) for passages in cases])


def cross_validated(
    trained: Sequence[Sequence[Sequence[float]]],
    asked: Sequence[Sequence[Sequence[float]]],
    labels: NDArray[np.bool_],
    share: float = FALSE_ABSTENTION,
) -> list[Judged]:
    """Judge each question by weights and a threshold made of the other questions; once per seed.

    Weights are made of `trained` (one passage each) and judge `asked`, the same questions in another setting.
    """
    found = []
    rows = np.array([passages[0] for passages in trained])
    for seed in SEEDS:
        probabilities, answered = np.zeros(len(labels)), np.zeros(len(labels), bool)
        for learn, held in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, labels):
            inner = np.zeros(len(labels))
            for inner_learn, inner_held in StratifiedKFold(5, shuffle=True, random_state=seed).split(
                rows[learn], labels[learn]
            ):
                model = fit(rows[learn][inner_learn], labels[learn][inner_learn])
                places = learn[inner_held]
                inner[places] = best(model, [asked[place] for place in places])
            least = np.quantile(inner[learn][labels[learn]], share)
            probabilities[held] = best(fit(rows[learn], labels[learn]), [asked[place] for place in held])
            answered[held] = probabilities[held] >= least
        found.append(Judged(probabilities, answered, labels))
    return found


def teach(cases: Sequence[Case], embed: Remembering) -> str:
    """Return the file with the weights, made of all questions."""
    labels = np.array([each.answerable for each in cases])
    found = searched(cases, Corpus([each.passages[0] for each in cases], embed))
    parts = []
    for name, threshold, encoder, share in (
        ("WITH_ENCODER", "THRESHOLD", embed, FALSE_ABSTENTION),
        ("BY_WORDS", "THRESHOLD_BY_WORDS", None, FALSE_ABSTENTION_BY_WORDS),
    ):
        trained = [described(each.question, each.passages, encoder) for each in cases]
        # By words a threshold for one passage would believe the best of six too often.
        asked = trained if encoder else [described(each.question, each.passages, None) for each in found]
        judged = cross_validated(trained, asked, labels, share)
        least = float(np.mean([np.quantile(each.probabilities[labels], share) for each in judged]))
        model = fit(np.array([passages[0] for passages in trained]), labels)
        parts.append(
            f"{name} = (\n{_tuple(model.means)}{_tuple(model.spreads)}{_tuple(model.weights)}    {model.bias:.4f},\n)"
        )
        parts.append(f"{threshold} = {least:.3f}")
    return '"""Written by benchmarks/answerability.py, which tells how; means, spreads, weights and bias."""\n\n' + (
        "\n".join(parts) + "\n"
    )


def _tuple(values: Sequence[float]) -> str:
    return f"    ({', '.join(f'{value:.4f}' for value in values)}),\n"


def main() -> int:
    """Write the weights."""
    embed = Remembering(_encoder())
    WEIGHTS.write_text(teach(alone(), embed), encoding="utf-8")
    print(WEIGHTS.read_text(encoding="utf-8"))
    return 0


def _encoder() -> Any:
    return OnnxEncoder(ENCODER)


if __name__ == "__main__":
    sys.exit(main())
