"""Which rows are learnt from and which are tested on, round by round."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ai_service.classifier.examples import Example, folded


@dataclass(frozen=True)
class TrainTestSplit:
    """One training and what it is measured on; no text is in both."""

    learn: tuple[Example, ...]
    test: tuple[Example, ...]


def cross_validation(
    examples: Sequence[Example], folds: int, *, per_label: int | None = None, seed: int = 0
) -> Iterator[TrainTestSplit]:
    """Yield rounds in each of which one part is tested on, each label spread evenly over all parts."""
    random = Random(seed)
    by_label: defaultdict[str, list[Example]] = defaultdict(list)
    for each in examples:
        by_label[each.label].append(each)
    parts: list[list[Example]] = [[] for _ in range(folds)]
    place = 0
    for label in sorted(by_label):
        random.shuffle(by_label[label])
        # Dealt out on and on: a label with fewer examples than parts doesn't fill the first ones only.
        for each in by_label[label]:
            parts[place % folds].append(each)
            place += 1
    for number, part in enumerate(parts):
        others = [each for other in parts[:number] + parts[number + 1 :] for each in other]
        random.shuffle(others)
        yield TrainTestSplit(tuple(few(others, per_label) if per_label else others), tuple(part))


def random_samples(
    learn: Sequence[Example], test: Sequence[Example], number: int, *, per_label: int | None = None, seed: int = 0
) -> Iterator[TrainTestSplit]:
    """Yield rounds that all are tested on the same rows; with `per_label` each draws so many examples of each label."""
    told = {folded(each.text) for each in test}
    fair = [each for each in learn if folded(each.text) not in told]
    for place in range(number if per_label else 1):
        shuffled = list(fair)
        Random(seed + place).shuffle(shuffled)
        yield TrainTestSplit(tuple(few(shuffled, per_label) if per_label else shuffled), tuple(test))


def few(examples: Sequence[Example], per_label: int) -> list[Example]:
    """Return the first so many examples of each label."""
    taken: defaultdict[str, int] = defaultdict(int)
    chosen = []
    for each in examples:
        if taken[each.label] < per_label:
            taken[each.label] += 1
            chosen.append(each)
    return chosen
