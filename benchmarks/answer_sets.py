"""Public questions with and without an answer in their passages, from the folder that BENCH_DATA names."""

import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray
from rag_service.domain.answering.language.text_features import content, stem, tokens
from rag_service.domain.passage import Passage

from benchmarks.labelled import NoData

CLAPNQ = "clapnq_dev_answers"
DOCS = ("anthropic_docs", "mtrag_cloud_3k")
TOP = 6


@dataclass(frozen=True)
class Case:
    """A question with the passages that were found for it, and whether they hold the answer."""

    question: str
    passages: list[Passage]
    answerable: bool
    selected: tuple[str, ...] = ()
    """The sentences that people chose to answer from."""
    answer: str = ""
    """What people wrote."""


class Remembering:
    """An encoder that reads each text once."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[Any]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return one row per text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= zip(new, self._encoder.embed(new), strict=True)
        return np.array([self._known[text] for text in texts])


class Corpus:
    """A plain retrieval by words and cosines: the service's own needs its database."""

    def __init__(self, passages: Sequence[Passage], embed: Remembering) -> None:
        self._passages, self._embed = passages, embed
        self._rows = embed([f"{each.title}. {each.text}" for each in passages])
        words = [Counter(stem(word) for word in tokens(f"{each.title} {each.text}")) for each in passages]
        self._lengths = np.array([sum(each.values()) for each in words])
        self._held: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, each in enumerate(words):
            for word, count in each.items():
                self._held[word].append((place, count))

    def search(self, question: str, without: frozenset[str] = frozenset(), top: int = TOP) -> list[Passage]:
        """Return the best passages, those with the named sources left out."""
        by_words = np.zeros(len(self._passages))
        for word in content(question):
            held = self._held.get(word, [])
            rare = math.log(1 + (len(self._passages) - len(held) + 0.5) / (len(held) + 0.5))
            for place, count in held:
                length = 0.25 + 0.75 * self._lengths[place] / self._lengths.mean()
                by_words[place] += rare * count * 2.2 / (count + 1.2 * length)
        near = self._rows @ self._embed([question])[0]
        scores = by_words / (by_words.max() or 1) + (near - near.min()) / (near.max() - near.min())
        best = (self._passages[place] for place in np.argsort(-scores, kind="stable"))
        return [each for each in best if each.metadata["id"] not in without][:top]


def passage(identity: str, title: str, text: str) -> Passage:
    """Return a passage as the service would have it."""
    chunk = uuid5(NAMESPACE_URL, identity)
    return Passage(chunk, chunk, "file", title, (title,), "", text, 0.5, {"id": identity})


def alone() -> list[Case]:
    """Return CLAPNQ's questions, each with its own passage alone. Raises NoData."""
    cases = []
    for name, answerable in (("clapnq_dev_answerable", True), ("clapnq_dev_unanswerable", False)):
        for row in _lines(CLAPNQ, f"{name}.jsonl"):
            [given], [output] = row["passages"], row["output"][:1]
            only = [passage(row["id"], given["title"], given["text"])]
            chosen = tuple(output["selected_sentences"])
            cases.append(Case(row["input"], only, answerable, chosen, output["answer"]))
    return cases


def searched(cases: Sequence[Case], corpus: Corpus) -> list[Case]:
    """Return the same questions with what is found for them among the passages of all."""
    return [Case(each.question, corpus.search(each.question), each.answerable, each.selected) for each in cases]


def documents(name: str) -> tuple[list[Passage], list[tuple[str, frozenset[str]]]]:
    """Return a set's passages, and its questions with the passages that answer them. Raises NoData."""
    rows = _lines(name, "corpus.jsonl")
    right: dict[str, set[str]] = defaultdict(set)
    for line in _path(name, "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, document, score = line.split("\t")
        if int(score) > 0:
            right[question].add(document)
    questions = [(row["text"], frozenset(right[row["id"]])) for row in _lines(name, "queries.jsonl")]
    return [passage(row["id"], row["title"], row["text"]) for row in rows], questions


def turns_of(name: str) -> list[tuple[str, list[str]]]:
    """Return each question as the user wrote it, with the user's earlier messages in that conversation."""
    earlier_turns: dict[str, list[str]] = defaultdict(list)
    found = []
    for row in _lines(name, "queries.jsonl"):
        conversation = row["id"].partition("<::>")[0]
        found.append((row["last_turn"], list(earlier_turns[conversation])))
        earlier_turns[conversation].append(row["last_turn"])
    return found


def _path(*parts: str) -> Path:
    folder = os.environ.get("BENCH_DATA", "")
    if not folder:
        raise NoData(f"BENCH_DATA names no folder with {CLAPNQ}")
    return Path(folder, *parts)


def _lines(*parts: str) -> list[dict[str, Any]]:
    path = _path(*parts)
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise NoData(f"{path}: {error.strerror}") from None
