"""Make ai-service's generated word lists: `.venv/bin/python scripts/word_lists.py FOLDER_OF_PUBLIC_SETS`.

`word_shares.py` says how often each word of the vocabulary occurs in texts of its own department and in texts of other
subjects, `stop_words.py` holds the function words of the languages that people write in, `common_words.py` everyday
words of English. All are committed, so that neither the sets nor the library `stop-words` is needed to run.
docs/adr/0012 names the sets and their licences.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ai_service.domain.folding import folded, words_in
from ai_service.domain.ticket_text import plurals
from ai_service.domain.vocabulary import WORDS

GENERATED = Path(__file__).parent.parent / "ai-service" / "src" / "ai_service" / "domain" / "generated"
LANGUAGES = ("en", "de", "fr", "es", "tr", "it", "nl", "pt", "pl", "sv")
READ_CHARACTERS = 1_500
COMMON_ENGLISH = 0.005
"""The library's English list has 1,333 words, among them `computer` and `bill`; only those that one of 200 general
texts holds are function words."""

COMMON_SHARE = 0.01
COMMON_IN = 2
MIN_COMMON_CHARACTERS = 4
"""A word of four letters or more that one of a hundred texts holds, in two of the sets, is an everyday word."""

OWN_SETS = {
    "IT Support": ("it", "it_hr", "it_purchase", "cloud"),
    "HR": ("it_hr",),
    "Facilities": (),
    "Finance": ("bank", "tau", "it_purchase"),
    "General": (),
}
"""Which sets are about a department's work; all the others are of other subjects."""


def main() -> None:
    """Write both modules."""
    sets = {name: [set(words_in(text[:READ_CHARACTERS])) for text in texts] for name, texts in _sets(Path(sys.argv[1]))}
    _write("word_shares", "SHARES: dict[str, tuple[float, float]]", _shares(sets), SHARES_SAY)
    general = Counter(word for words in sets["general"] for word in words)
    common = {word for word, count in general.items() if count / len(sets["general"]) >= COMMON_ENGLISH}
    _write("common_words", "COMMON_WORDS: str", _common_words(sets), COMMON_WORDS_SAY)
    _write("stop_words", "STOP_WORDS: dict[str, str]", _stop_words(common), STOP_WORDS_SAY)


def _sets(folder: Path) -> Iterator[tuple[str, list[str]]]:
    topics: dict[str, list[str]] = {"it": [], "it_hr": [], "it_purchase": []}
    for row in _rows(folder / "it_topic_groups" / "topic_group_first3806.csv"):
        topics[{"HR Support": "it_hr", "Purchase": "it_purchase"}.get(row["Topic_group"], "it")].append(row["Document"])
    yield from topics.items()
    yield "bank", [row["text"] for part in ("train", "test") for row in _rows(folder / "banking77" / f"{part}.csv")]
    yield "tau", [str(one) for one in _objects(folder / "tau2_banking" / "corpus.jsonl")]
    yield "cloud", [one["text"] for one in _objects(folder / "mtrag_cloud_3k" / "corpus.jsonl")]
    parts = [folder / "clapnq_dev_answers" / f"clapnq_dev_{part}.jsonl" for part in ("answerable", "unanswerable")]
    general = [one for part in parts for one in _objects(part)]
    yield "general", [text for one in general for text in (one["input"], one["passages"][0]["text"])]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _objects(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _shares(sets: dict[str, list[set[str]]]) -> list[str]:
    lines = []
    for department, words in WORDS.items():
        lines.append(f"    # {department}")
        for word in sorted(words):
            forms = {word, *plurals(word)}
            share = {
                name: 1000 * sum(not forms.isdisjoint(text) for text in texts) / len(texts)
                for name, texts in sets.items()
            }
            own = max((share[name] for name in OWN_SETS[department]), default=0.0)
            others = [value for name, value in share.items() if name not in OWN_SETS[department]]
            lines.append(f'    "{word}": ({own:.1f}, {sum(others) / len(others):.1f}),')
    return lines


def _common_words(sets: dict[str, list[set[str]]]) -> list[str]:
    counted = Counter(
        word
        for texts in sets.values()
        for word, count in Counter(word for text in texts for word in text).items()
        if count / len(texts) >= COMMON_SHARE and word.isalpha() and len(word) >= MIN_COMMON_CHARACTERS
    )
    return ['    """', *_wrapped(sorted(word for word, of in counted.items() if of >= COMMON_IN)), '    """']


def _stop_words(common: set[str]) -> list[str]:
    from stop_words import get_stop_words

    lines = []
    for language in LANGUAGES:
        words = {folded(word) for word in get_stop_words(language) if len(words_in(word)) == 1}
        chosen = sorted(words & common if language == "en" else words)
        lines += [f'    "{language}": """', *_wrapped(chosen), '    """,']
    return lines


def _wrapped(words: list[str]) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 100:
            lines.append("")
        lines[-1] += f" {word}"
    return [f"       {line}" for line in lines]


def _write(module: str, name: str, lines: list[str], says: str) -> None:
    opening, closing = ("{", "}") if "dict" in name else ("(", ")")
    text = "\n".join([f'"""{says}"""', "", f"{name} = {opening}", *lines, closing, ""])
    (GENERATED / f"{module}.py").write_text(text, encoding="utf-8")


SHARES_SAY = """Made by scripts/word_lists.py, not by hand: of 1,000 texts so many hold a word.

First the highest share among the sets that are about the department's own work (0 where there is no such set), then the
mean of the sets of other subjects. Sets: it_topic_groups (MIT), banking77 (CC-BY-4.0), tau2_banking (MIT),
mtrag_cloud_3k (Apache-2.0), clapnq_dev_answers (Apache-2.0).
"""
COMMON_WORDS_SAY = """Made by scripts/word_lists.py, not by hand: everyday words of English texts.

One of a hundred texts holds them, in two of the sets that `word_shares` names.
"""
STOP_WORDS_SAY = """Made by scripts/word_lists.py, not by hand: function words by language, folded.

From the library stop-words 2025.11.4 (BSD-3-Clause, Alireza Savand and contributors); of its English list those that
one of 200 texts of clapnq_dev_answers (Apache-2.0) holds.
"""

if __name__ == "__main__":
    main()
