"""How right is the local classifier, and does it know when not to answer? `python -m benchmarks.triage`

The texts are in the folder that BENCH_DATA names; without it nothing is measured.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from ai_service.adapters.local.classifier.caching_encoder import CachingEncoder
from ai_service.adapters.local.classifier.evaluation import Evaluation, evaluate
from ai_service.adapters.local.classifier.examples import Example, LabelInfo
from ai_service.adapters.local.classifier.head import Head, energy
from ai_service.adapters.local.classifier.training import train
from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier
from model_kit.encoder import Encoder, OnnxEncoder
from model_kit.provision import ProvisioningFailed, provision
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks import triage_cost
from benchmarks.labelled import REQUESTS_TEST, REQUESTS_TRAIN, TICKETS, NoData, read, shuffled
from benchmarks.report import Row, Table

ENCODER = Path(__file__).parents[1] / ".venv" / "models" / "encoder"
SEEDS = range(5)
SIZES = (40, 100, 300, 1_000)
TEST_SHARE = 0.2
PER_INTENT = 10
REQUESTS_PRECISION = 0.95
COVERED = 0.96
UNSEEN_SHARE = 1 / 8


def infos(examples: Sequence[Example]) -> list[LabelInfo]:
    """Return the labels in use; no more is known of them than their names."""
    return [LabelInfo(label) for label in sorted({each.label for each in examples})]


def row(what: str, found: Sequence[Evaluation], goal: float = 0.0) -> Row:
    """Return the means over runs; the spread is that of the accuracy."""
    accuracy = [each.accuracy for each in found]
    spread = f" ({min(accuracy):.1%}–{max(accuracy):.1%})" if len(found) > 1 else ""
    covered = mean(each.accepted for each in found)
    # A run that accepts nothing has no precision.
    precision = sum(each.accepted * each.precision for each in found) / (covered * len(found) or 1)
    result = f"{precision:.1%} of the {covered:.1%} accepted" if covered else "abstained on everything"
    besides = (
        f"macro-F1 {mean(each.macro_f1 for each in found):.3f}, "
        f"ECE {mean(each.calibration_error for each in found):.3f}, precision: {result}"
    )
    met = mean(accuracy) >= goal if goal else None
    return Row(what, f"{mean(accuracy):.1%}{spread}", f"≥ {goal:.1%}" if goal else "", met, besides)


def tickets(encoder: Encoder) -> list[Row]:
    """Real tickets, eight topics, a random fifth to test: more and more labels, then none."""
    rows = read(TICKETS)
    found: dict[int, list[Evaluation]] = {}
    for seed in SEEDS:
        examples = shuffled(rows, seed)
        border = len(examples) - round(len(examples) * TEST_SHARE)
        for size in (*SIZES, border):
            head = train(examples[:size], infos(examples), encoder)
            found.setdefault(size, []).append(evaluate(head, examples[border:], encoder))
    result = [row(f"tickets, {size:,} labels", runs, 0.835 if size > SIZES[-1] else 0) for size, runs in found.items()]
    examples = shuffled(rows, 0)
    cold = evaluate(zero_shot_classifier(infos(examples), encoder), examples, encoder)
    majority = max(cold.support.values()) / cold.examples
    known = row("tickets, label names alone", [cold])
    return [
        *result,
        Row(known.what, known.value, besides=f"always the commonest topic: {majority:.1%}; {known.besides}"),
    ]


def requests(encoder: Encoder) -> list[Row]:
    """77 intents, the official split: everything, and ten examples of each."""
    test = shuffled(read(REQUESTS_TEST), 0)
    train_rows = read(REQUESTS_TRAIN)
    labels = infos(test)
    full = train(shuffled(train_rows, 0), labels, encoder, target_precision=REQUESTS_PRECISION)
    few = [
        evaluate(
            train(_each(shuffled(train_rows, seed)), labels, encoder, target_precision=REQUESTS_PRECISION),
            test,
            encoder,
        )
        for seed in SEEDS
    ]
    return [
        row("Banking77, all", [evaluate(full, test, encoder)], 0.94),
        _covered(full, test, encoder),
        row(f"Banking77, {PER_INTENT} per intent", few, 0.88),
    ]


def _covered(head: Head, test: Sequence[Example], encoder: Encoder) -> Row:
    """Return how many of the surest answers there are of which as many are right as were asked for."""
    judged = head.classify(*_with_vectors(test, encoder))
    surest_first = sorted(zip(judged, test, strict=True), key=lambda each: -each[0].confidence)
    right = np.cumsum([found.label == each.label for found, each in surest_first])
    enough = np.flatnonzero(right / np.arange(1, len(test) + 1) >= REQUESTS_PRECISION)
    share = (enough[-1] + 1) / len(test)
    what = f"Banking77, all: share of the surest answers of which {REQUESTS_PRECISION:.0%} are right"
    return Row(what, f"{share:.1%}", f"≥ {COVERED:.0%}", bool(share >= COVERED))


def unseen(encoder: Encoder) -> list[Row]:
    """Measure the share of abstentions on intents without training examples, and on the others."""
    test, rows = shuffled(read(REQUESTS_TEST), 0), read(REQUESTS_TRAIN)
    names = sorted({each.label for each in test})
    unseen_abstentions, seen_abstentions, seen_out_of_scope, areas = [], [], [], []
    for seed in SEEDS:
        held = set(np.random.default_rng(seed).permutation(names)[: round(len(names) * UNSEEN_SHARE)])
        learn = [each for each in shuffled(rows, seed) if each.label not in held]
        head = train(learn, infos(learn), encoder, target_precision=REQUESTS_PRECISION)
        unseen = np.array([each.label in held for each in test])
        abstained = np.array([bool(each.abstention_reason) for each in head.classify(*_with_vectors(test, encoder))])
        belongs = scope(head, test, encoder)
        unseen_abstentions.append(abstained[unseen].mean())
        seen_abstentions.append(abstained[~unseen].mean())
        seen_out_of_scope.append((belongs[~unseen] < head.scope.lowest).mean())
        areas.append(roc_auc_score(~unseen, belongs))
    value = f"{mean(unseen_abstentions):.1%} ({min(unseen_abstentions):.1%}–{max(unseen_abstentions):.1%})"
    besides = f"of the known ones {mean(seen_abstentions):.1%}, of which out of scope {mean(seen_out_of_scope):.1%}"
    return [
        Row("Banking77, abstentions on unseen intents", value, besides=besides),
        Row("scope tells unseen from known, AUROC", f"{mean(areas):.3f} ({min(areas):.3f}–{max(areas):.3f})"),
    ]


def scope(head: Head, examples: Sequence[Example], encoder: Encoder) -> np.ndarray:
    """Return how much each text belongs to what was learnt."""
    texts, vectors = _with_vectors(examples, encoder)
    scores, near = head.scores(texts, vectors)
    return head.scope.score(energy(scores), near.mean)


def _with_vectors(examples: Sequence[Example], encoder: Encoder) -> tuple[list[str], np.ndarray]:
    texts = [each.text for each in examples]
    return texts, encoder.embed(texts)


def _each(examples: Sequence[Example]) -> list[Example]:
    taken: dict[str, int] = {}
    chosen = []
    for each in examples:
        if taken.setdefault(each.label, 0) < PER_INTENT:
            taken[each.label] += 1
            chosen.append(each)
    return chosen


def main() -> Table:
    """Measure with one thread; without the data or the encoder the table says why it is empty."""
    table = Table("Triage by the local classifier, one thread, labels known by name only")
    try:
        read(TICKETS), read(REQUESTS_TRAIN), read(REQUESTS_TEST)
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
    except (NoData, ProvisioningFailed) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    encoder = CachingEncoder(OnnxEncoder(ENCODER))
    with threadpool_limits(1):
        for question in (tickets, requests, unseen):
            table.rows += question(encoder)
        table.rows += [*triage_cost.with_encoder(ENCODER), *triage_cost.learning(encoder, ENCODER)]
    return table


if __name__ == "__main__":
    main().show()
