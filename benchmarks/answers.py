"""Does the service know what its passages don't answer, and cite what stands there? `python -m benchmarks.answers`

Without Claude. The questions are in the folder that BENCH_DATA names; without it nothing is measured.
"""

import random
import sys
from collections.abc import Iterable, Sequence
from statistics import mean

import numpy as np
from model_kit.encoder import OnnxEncoder
from model_kit.provision import ProvisioningFailed, provision
from rag_service.domain.answering.citation import is_exact
from rag_service.domain.answering.extraction import Extracted, extract
from rag_service.domain.answering.units.unit_model import unit_model
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import assess
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks import answer_checks
from benchmarks.answer_sets import DOCS, Case, Corpus, Remembering, alone, documents, searched
from benchmarks.answerability import (
    ENCODER,
    FALSE_ABSTENTION,
    FALSE_ABSTENTION_BY_WORDS,
    Judged,
    cross_validated,
    described,
)
from benchmarks.labelled import NoData
from benchmarks.report import Row, Table

ABSTAINS, PRECISION = 0.80, 0.95
CURVE = (0.05, 0.10, 0.15, 0.20, 0.30)
UNRELATED = 100


def abstention(cases: Sequence[Case], embed: Remembering) -> list[Row]:
    """Questions held out of weights and threshold: with their passage alone, and searched among all passages."""
    labels = np.array([each.answerable for each in cases])
    corpus = Corpus([each.passages[0] for each in cases], embed)
    found = searched(cases, corpus)
    rows = []
    for encoder, share in ((embed, FALSE_ABSTENTION), (None, FALSE_ABSTENTION_BY_WORDS)):
        given = [described(each.question, each.passages, encoder) for each in cases]
        among = [described(each.question, each.passages, encoder) for each in found]
        how = "" if encoder else ", by words alone"
        for where, asked in ((f"its passage alone{how}", given), (f"the best of {len(cases)} passages{how}", among)):
            judged = cross_validated(given, asked, labels, share)
            goal = where == "its passage alone"
            rows += [_abstains(f"CLAPNQ, {where}", judged, goal=goal), _curve(f"curve: {where}", judged)]
    return rows


def _abstains(what: str, judged: Sequence[Judged], *, goal: bool) -> Row:
    abstained = mean(float((~each.answered[~each.labels]).mean()) for each in judged)
    false = mean(float((~each.answered[each.labels]).mean()) for each in judged)
    area = mean(float(roc_auc_score(each.labels, each.probabilities)) for each in judged)
    besides = f"of the answerable {false:.1%} not answered, AUROC {area:.3f}"
    # The share of false abstention is set on other questions, so that it may come out a little beyond it.
    met = abstained >= ABSTAINS and false <= FALSE_ABSTENTION if goal else None
    wanted = f"≥ {ABSTAINS:.0%}, ≤ {FALSE_ABSTENTION:.0%}" if goal else ""
    return Row(f"{what}: abstains on", f"{abstained:.1%} of the unanswerable", wanted, met, besides)


def _curve(what: str, judged: Sequence[Judged]) -> Row:
    points = []
    for share in CURVE:
        kept = [
            float((each.probabilities[~each.labels] < np.quantile(each.probabilities[each.labels], share)).mean())
            for each in judged
        ]
        points.append(f"{mean(kept):.0%} at {share:.0%}")
    return Row(what, ", ".join(points), besides="abstains on so many unanswerable at so much false abstention")


def elsewhere(cases: Sequence[Case], embed: Remembering) -> list[Row]:
    """The weights as they are delivered, on documents they never saw."""
    rows = []
    drawn = random.Random(1)
    for name in DOCS:
        passages, questions = documents(name)
        corpus = Corpus(passages, embed)
        right = [(question, corpus.search(question)) for question, held in questions]
        there = [
            (question, found)
            for (question, found), (_, held) in zip(right, questions, strict=True)
            if any(each.metadata["id"] in held for each in found)
        ]
        without = [(question, corpus.search(question, held)) for question, held in questions]
        unrelated = [(each.question, corpus.search(each.question)) for each in drawn.sample(list(cases), UNRELATED)]
        answered = [f"{_answered(asked, embed):.1%}" for asked in (there, unrelated, without)]
        besides = (
            f"{len(there)} of {len(questions)} questions with a right passage among six; of {UNRELATED} Wikipedia "
            f"questions {answered[1]}; with all right passages taken out of the set, whose others may answer, "
            f"{answered[2]}"
        )
        rows.append(Row(f"{name}, weights as delivered: answers", answered[0], besides=besides))
    return rows


def _answered(asked: Iterable[tuple[str, list[Passage]]], embed: Remembering) -> float:
    return mean(bool(_extracted(question, found, embed).cited) for question, found in asked)


def _extracted(question: str, passages: Sequence[Passage], embed: Remembering) -> Extracted:
    return extract(question, assess(question, passages, embed), unit_model())


def citations(cases: Sequence[Case], embed: Remembering) -> list[Row]:
    """Every sentence, row and step of an extracted answer, compared with the text at the place that it names."""
    documents_of, questions = documents(DOCS[0])
    corpus = Corpus(documents_of, embed)
    asked = [(each.question, each.passages, each.selected) for each in cases if each.answerable]
    asked += [(question, corpus.search(question), ()) for question, _ in questions]
    exact, chosen, number = [], [], 0
    for question, passages, selected in asked:
        extracted = _extracted(question, passages, embed).cited
        number += bool(extracted)
        exact += [is_exact(each, passages) for each in extracted]
        people = " ".join(" ".join(selected).split())
        chosen += [" ".join(each.text.split()) in people for each in extracted if selected]
    precision = mean(exact)
    besides = (
        f"{len(exact):,} sentences and steps of {number} answers; of the sentences for CLAPNQ people had chosen "
        f"{mean(chosen):.0%}, too"
    )
    return [Row("citation precision, extracted", f"{precision:.3f}", f"≥ {PRECISION}", precision >= PRECISION, besides)]


def main() -> Table:
    """Measure with one thread; without the data or the encoder the table says why it is empty."""
    table = Table("Answers without Claude: abstention, citations, checks")
    try:
        cases = alone()
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
    except (NoData, ProvisioningFailed) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    embed = Remembering(OnnxEncoder(ENCODER))
    with threadpool_limits(1):
        table.rows += abstention(cases, embed)
        table.rows += citations(cases, embed)
        table.rows += answer_checks.claims(cases)
        table.rows += answer_checks.near_identical(embed)
        table.rows += elsewhere(cases, embed)
        table.rows += answer_checks.follow_ups(embed)
    return table


if __name__ == "__main__":
    main().show()
