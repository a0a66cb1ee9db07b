"""Questions with what answers them, from the folder that BENCH_DATA names; none of it is part of this project."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.labelled import NoData
from benchmarks.made_tables import QUESTIONS, TABLES

FAQ_QUESTIONS = 800


@dataclass(frozen=True)
class Document:
    """Something that can be found."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class RetrievalSet:
    """Documents, questions, and which documents answer which."""

    documents: list[Document]
    questions: dict[str, str]
    judged: dict[str, dict[str, float]]


def judged_set(folder: str, field: str = "text") -> RetrievalSet:
    """Read a set of the usual three files; only questions that have an answer. Raises NoData."""
    documents = [Document(row["id"], row["title"], row["text"]) for row in _lines(f"{folder}/corpus.jsonl")]
    judged: dict[str, dict[str, float]] = {}
    for line in _text(f"{folder}/qrels.tsv").splitlines()[1:]:
        question, document, grade = line.split("\t")
        judged.setdefault(question, {})[document] = float(grade)
    questions = {row["id"]: row[field] for row in _lines(f"{folder}/queries.jsonl") if row["id"] in judged}
    return RetrievalSet(documents, questions, judged)


def own_passage() -> RetrievalSet:
    """Questions of people, each with the passage of an encyclopedia that answers it, among all passages."""
    found: dict[tuple[str, str], Document] = {}
    questions, judged = {}, {}
    for name in ("answerable", "unanswerable"):
        for row in _lines(f"clapnq_dev_answers/clapnq_dev_{name}.jsonl"):
            key = row["passages"][0]["title"], row["passages"][0]["text"]
            document = found.setdefault(key, Document(f"passage {len(found)}", *key))
            if name == "answerable":
                questions[row["id"]], judged[row["id"]] = row["input"], {document.name: 1.0}
    return RetrievalSet(list(found.values()), questions, judged)


def other_words(per_intent: int) -> RetrievalSet:
    """Requests of customers and, per intent, a few requests that mean the same: paraphrases, as of an FAQ."""
    random = np.random.default_rng(5)
    by_intent: dict[str, list[str]] = {}
    for text, intent in _rows("banking77/train.csv"):
        by_intent.setdefault(intent, []).append(text)
    documents, names = [], {}
    for intent, texts in sorted(by_intent.items()):
        chosen = random.choice(len(texts), per_intent, replace=False)
        documents += [Document(f"{intent} {place}", "", texts[place]) for place in chosen]
        names[intent] = {f"{intent} {place}": 1.0 for place in chosen}
    asked = _rows("banking77/test.csv")
    chosen = random.choice(len(asked), FAQ_QUESTIONS, replace=False)
    return RetrievalSet(
        documents,
        {str(place): asked[place][0] for place in chosen},
        {str(place): names[asked[place][1]] for place in chosen},
    )


def made_tables() -> RetrievalSet:
    """Questions in five languages on rows of price lists."""
    documents = [
        Document(f"{table} {number}", "", "; ".join(map(": ".join, zip(head.split("|"), row.split("|"), strict=True))))
        for table, (head, *rows) in TABLES.items()
        for number, row in enumerate(rows, 1)
    ]
    return RetrievalSet(
        documents,
        {str(place): question for place, (question, _, _) in enumerate(QUESTIONS)},
        {str(place): {f"{table} {number}": 1.0} for place, (_, table, number) in enumerate(QUESTIONS)},
    )


SETS: dict[str, Callable[[], RetrievalSet]] = {
    "made tables": made_tables,
    "mtrag_cloud_3k": lambda: judged_set("mtrag_cloud_3k"),
    "mtrag_cloud_3k, last turns": lambda: judged_set("mtrag_cloud_3k", "last_turn"),
    "anthropic_docs": lambda: judged_set("anthropic_docs"),
    "clapnq passages": own_passage,
    "banking77 as FAQ, 1 each": lambda: other_words(1),
    "banking77 as FAQ, 5 each": lambda: other_words(5),
}


def _text(name: str) -> str:
    folder = os.environ.get("BENCH_DATA", "")
    if not folder:
        raise NoData("BENCH_DATA names no folder with mtrag_cloud_3k and others")
    try:
        return (Path(folder) / name).read_text(encoding="utf-8")
    except OSError as error:
        raise NoData(f"{Path(folder) / name}: {error.strerror}") from None


def _lines(name: str) -> list[dict[str, Any]]:
    # By \n alone: other line ends stand inside texts.
    return [json.loads(line) for line in _text(name).split("\n") if line]


def _rows(name: str) -> list[tuple[str, str]]:
    _header, *rows = csv.reader(_text(name).splitlines())
    return [(row[0], row[1]) for row in rows if len(row) == 2]
