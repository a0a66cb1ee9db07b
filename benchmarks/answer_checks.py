"""How well code checks what a model wrote, tells the same question from a near one, and makes follow-ups stand alone.

Part of `benchmarks.answers`.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import mean
from uuid import UUID

import numpy as np
from rag_service.domain.answering.approved import ApprovedCandidate, find_same_question
from rag_service.domain.answering.language.sentences import split
from rag_service.domain.answering.message.conversation import Turn, standalone_question
from rag_service.domain.answering.support import check

from benchmarks.answer_sets import Case, Corpus, Remembering, documents, turns_of
from benchmarks.labelled import REQUESTS_TEST, NoData, read
from benchmarks.report import Row

CONVERSATIONS = "mtrag_cloud_3k"
COSINES = (0.80, 0.85, 0.90, 0.95)
ANYBODY = UUID(int=0)


def claims(cases: Sequence[Case]) -> list[Row]:
    """Sentences that people wrote from a passage, as they are and altered so that it no longer says so."""
    answered = [each for each in cases if each.answerable]
    written = [
        (sentence.shown, _source(case), _source(answered[(place + 7) % len(answered)]))
        for place, case in enumerate(answered)
        for sentence in split(case.answer)
    ]
    own = Counter(check(claim, [source]).verdict for claim, source, _ in written)
    rows = [
        Row("a person's sentence, its passage: supported", _share(own["supported"], len(written)),
            besides=f"marked {_share(own['marked'], len(written))}, dropped {_share(own['dropped'], len(written))}; "
            f"{len(written)} sentences, no encoder"),
    ]  # fmt: skip
    altered: dict[str, list[tuple[str, str]]] = {
        "another question's passage": [(claim, other) for claim, _, other in written],
        "a number changed": _changed(written, _other_number),
        "“not” put in": _changed(written, _negated),
    }
    for what, pairs in altered.items():
        verdicts = Counter(check(claim, [source]).verdict for claim, source in pairs)
        caught = _share(len(pairs) - verdicts["supported"], len(pairs))
        besides = f"{len(pairs)} sentences, {_share(verdicts['dropped'], len(pairs))} dropped"
        rows.append(Row(f"the same, {what}: not supported", caught, besides=besides))
    return rows


def near_identical(embed: Remembering) -> list[Row]:
    """Pairs of bank customers' questions that are as near as this: how many have the same intent."""
    try:
        asked = read(REQUESTS_TEST)
    except NoData:
        return []
    rows = embed([text for text, _ in asked])
    near = np.triu(rows @ rows.T, 1)
    found = []
    for least in COSINES:
        pairs = [(int(one), int(other)) for one, other in np.argwhere(near >= least)]
        plain = [asked[one][1] == asked[other][1] for one, other in pairs]
        agreed = [
            asked[one][1] == asked[other][1]
            for one, other in pairs
            if find_same_question(
                asked[one][0], [ApprovedCandidate(ANYBODY, asked[other][0], ("x",), float(near[one, other]))], least
            )
        ]
        besides = f"{len(agreed)} pairs; by the cosine alone {mean(plain):.1%} of {len(pairs)}"
        found.append(Row(f"same question, cosine ≥ {least:.2f}: same intent", f"{mean(agreed):.1%}", besides=besides))
    return found


def follow_ups(embed: Remembering) -> list[Row]:
    """Questions of conversations: as the user wrote them, as code rewrites them, as a person rewrote them."""
    passages, questions = documents(CONVERSATIONS)
    corpus = Corpus(passages, embed)
    recalls: dict[str, list[float]] = {
        "as the user wrote it": [],
        "as code rewrites it": [],
        "as a person rewrote it": [],
    }
    for (rewritten, held), (last_turn, earlier) in zip(questions, turns_of(CONVERSATIONS), strict=True):
        if not held:
            continue
        texts = (last_turn, standalone_question(last_turn, [Turn("user", text) for text in earlier]), rewritten)
        for scores, text in zip(recalls.values(), texts, strict=True):
            found = {each.metadata["id"] for each in corpus.search(text, top=10)}
            scores.append(len(found & held) / len(held))
    return [
        Row(f"{CONVERSATIONS}, last turn {how}: recall@10", f"{mean(scores):.3f}", besides=f"{len(scores)} questions")
        for how, scores in recalls.items()
    ]


def _source(case: Case) -> str:
    [only] = case.passages
    return f"{only.title}\n\n{only.text}"


def _share(number: int, of: int) -> str:
    return f"{number / of:.1%}"


def _changed(written: Sequence[tuple[str, str, str]], change: Callable[[str], str | None]) -> list[tuple[str, str]]:
    return [(other, source) for claim, source, _ in written if (other := change(claim))]


def _negated(claim: str) -> str | None:
    found = re.search(r"\b(is|are|was|were|can|will|has|have)\b", claim)
    return f"{claim[: found.end()]} not{claim[found.end() :]}" if found else None


def _other_number(claim: str) -> str | None:
    found = re.search(r"\b\d{2,}\b", claim)
    return f"{claim[: found.start()]}{int(found[0]) + 7}{claim[found.end() :]}" if found else None
