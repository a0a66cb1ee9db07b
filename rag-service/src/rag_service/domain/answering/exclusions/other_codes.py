"""Tells texts about another code of the same kind than the question's: a remedy for `E-204` is none for `E-310`."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rag_service.domain.answering.language.identifiers import NAMES_A_NUMBER, folded, identifiers
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of

MAX_CODE_LINE_CHARACTERS = 80
"""Before the colon or dash of a line that explains a code."""
MAX_LINE_SENTENCES = 4
"""Sentences of such a line that are quoted with its first one."""
_ANNOUNCED = re.compile(rf"({NAMES_A_NUMBER})[ \u00a0]*[:#]?[ \u00a0]*$")
_EXPLAINS = re.compile(r"\s*:|\s[–—-]\s")


def is_about_another(question: str, own: str, before: Sequence[str], head: str) -> bool:
    """Return whether a text is about a code that is like the question's but another one.

    `before`: the sentences of its paragraph above it. The nearest text that names a code says what is meant; a heading
    that names the asked code alone makes another one a part of its subject.
    """
    kinds = _kinds(question)
    if not kinds:
        return False
    codes = identifiers(question).codes
    for text in (own, *reversed(before)):
        folded_text = folded(text)
        if any(code.search(folded_text) for code in codes):
            return False
        if others := _found(kinds, folded_text):
            above = folded(head)
            named = any(code.search(above) for code in codes)
            return not named or bool(others & _found(kinds, above))
    return False


def without_other_codes(question: str, assessed: AssessedPassage, core: int, quoted: Sequence[int]) -> list[int]:
    """Return the quoted sentences of a unit without those about other codes; `core` as that of a unit."""
    if not _kinds(question):
        return list(quoted)
    passage, sentences = assessed.passage, assessed.sentences
    stored = [sentences[core].shown] if sentences[core].kind == "heading" else []
    head = "\n".join([subject_of(passage), *passage.heading, passage.title, *stored])
    kept = []
    for index in quoted:
        this = sentences[index]
        before = [each.shown for each in sentences[:index] if each.block == this.block]
        if not is_about_another(question, this.shown, before, head):
            kept.append(index)
    return kept


def with_rest_of_line(question: str, assessed: AssessedPassage, core: int, quoted: Sequence[int]) -> list[int]:
    """Return the quoted sentences with the rest of a line that explains the asked code: "Error 12: worn. Replace it."

    The first sentence says what the code means, the next ones what to do.
    """
    sentences, text = assessed.sentences, assessed.passage.text
    shown = folded(sentences[core].shown)
    found = [code.search(shown) for code in identifiers(question).codes]
    if not found or not all(found):
        return list(quoted)
    end = max(each.end() for each in found if each)
    mark = _EXPLAINS.search(shown, end)
    if mark is None or mark.start() > MAX_CODE_LINE_CHARACTERS or re.search(r"[.!?;]\s", shown[end : mark.start()]):
        return list(quoted)
    rest = []
    for index in range(core + 1, min(len(sentences), core + MAX_LINE_SENTENCES)):
        one, following = sentences[index - 1], sentences[index]
        if following.block != one.block or "\n" in text[one.end : following.start]:
            break
        if _found(_kinds(question), folded(following.shown)):
            break
        rest.append(index)
    return sorted({*quoted, *rest})


@lru_cache(maxsize=256)
def _kinds(question: str) -> tuple[re.Pattern[str], ...]:
    """Return what matches the codes that are written like the question's, with any number."""
    text = folded(question)
    found = []
    for code in identifiers(question).codes:
        if (match := code.search(text)) is None:
            continue
        written = match[0]
        if written.isdigit():
            if announced := _ANNOUNCED.search(text, 0, match.start()):
                found.append(rf"\b{re.escape(announced[1])}\w*[ \u00a0]*[:#]?[ \u00a0]*\d+")
        elif re.search(r"[^\W\d_]", written) and re.search(r"\d", written):
            runs = re.findall(r"[^\W\d_]+|\d+", written)
            parts = [r"\d+" if run.isdigit() else re.escape(run) for run in runs]
            found.append(r"(?<![^\W_])" + r"[\s\-_./–]?".join(parts) + r"(?![^\W_])")
    return tuple(map(re.compile, found))


def _found(kinds: Sequence[re.Pattern[str]], text: str) -> set[str]:
    return {re.sub(r"[\W_]", "", each[0]) for kind in kinds for each in kind.finditer(text)}
