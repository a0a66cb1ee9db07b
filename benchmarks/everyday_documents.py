"""Files of seventeen companies as people write them, with questions as people type them: short, with typing errors, in
five languages, about what the files don't say.

`town` and `office` are notices, lists and policies; `water`, `trade` and `school` have the files of a whole firm each,
`bikes` the lists of a shop, `climbing` and `vet` six German and six French files, `storage`, `driving` and `camping`
ten English, German and French files each, with questions of which half share no word with their answers, `pottery`,
`rowing` and `ward` ten, twelve and five files of two or three languages, with questions in other languages than their
files, `village` and `market` the lists, tariffs and rules of eight small firms and offices each, with amounts in steps
and seasons, `trust` six English files of a village's hall, club, kitchen and camping field. The models for other
languages than English, and the comparison of texts, are taught on all but the last six; each company is asked with
weights that were taught without it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.probes.model import File, Question

FOLDER = Path(__file__).with_name("everyday_documents")
COMPANIES = (
    "office", "town", "water", "trade", "school", "bikes", "climbing", "vet", "storage", "driving", "camping",
    "pottery", "rowing", "ward", "village", "market", "trust",
)  # fmt: skip


def everyday() -> Iterator[tuple[list[File], list[Question]]]:
    """Yield the files of each company and the questions about them."""
    lines = [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    for company in COMPANIES:
        files = [File(each.name, each.read_bytes()) for each in sorted((FOLDER / company).iterdir())]
        yield files, [_question(each) for each in lines if each["company"] == company]


def left_out(company: str) -> Path:
    """Return the file of the weights that were taught without a company's questions."""
    return Path(__file__).with_name("left_out") / f"{company}.json"


def _question(line: Mapping[str, Any]) -> Question:
    return Question(
        line["question"],
        line["expected"],
        line["kind"],
        line["file"],
        forbidden=tuple(line.get("forbidden", ())),
        turns=tuple(line.get("turns", ())),
    )
