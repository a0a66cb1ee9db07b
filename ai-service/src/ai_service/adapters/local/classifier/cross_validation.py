"""Splits examples into training and test sets: stratified cross-validation, or random samples for a fixed test set."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ai_service.adapters.local.classifier.examples import Example, folded


@dataclass(frozen=True)
class TrainTestSplit:
    """The examples to train on and those to test on; no text is in both."""

    learn: tuple[Example, ...]
    test: tuple[Example, ...]


def cross_validation(
    examples: Sequence[Example], folds: int, *, per_label: int | None = None, seed: int = 0
) -> Iterator[TrainTestSplit]:
    """Yield one split per fold, which is its test set; each label is spread evenly over the folds."""
    random = Random(seed)
    by_label: defaultdict[str, list[Example]] = defaultdict(list)
    for each in examples:
        by_label[each.label].append(each)
    parts: list[list[Example]] = [[] for _ in range(folds)]
    place = 0
    for label in sorted(by_label):
        random.shuffle(by_label[label])
        # The position continues across labels, so that rare labels don't fill the first folds only.
        for each in by_label[label]:
            parts[place % folds].append(each)
            place += 1
    for number, part in enumerate(parts):
        others = [each for other in parts[:number] + parts[number + 1 :] for each in other]
        random.shuffle(others)
        yield TrainTestSplit(tuple(first_per_label(others, per_label) if per_label else others), tuple(part))


def random_samples(
    learn: Sequence[Example], test: Sequence[Example], number: int, *, per_label: int | None = None, seed: int = 0
) -> Iterator[TrainTestSplit]:
    """Yield splits with the same test set; with `per_label` each draws that many training examples per label."""
    test_texts = {folded(each.text) for each in test}
    fair = [each for each in learn if folded(each.text) not in test_texts]
    for place in range(number if per_label else 1):
        shuffled = list(fair)
        Random(seed + place).shuffle(shuffled)
        yield TrainTestSplit(tuple(first_per_label(shuffled, per_label) if per_label else shuffled), tuple(test))


def first_per_label(examples: Sequence[Example], per_label: int) -> list[Example]:
    """Return the first `per_label` examples of each label."""
    taken: defaultdict[str, int] = defaultdict(int)
    chosen = []
    for each in examples:
        if taken[each.label] < per_label:
            taken[each.label] += 1
            chosen.append(each)
    return chosen
