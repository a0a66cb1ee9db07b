"""Finds the sentence of a document that takes back what another one of it says: "9 June, not on the 2nd as I wrote"."""

import re
from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, holds
from rag_service.domain.answering.language.text_features import content, numbers
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.units.found_unit import FoundUnit

MIN_PROBABILITY = 0.08
"""That a correction answers which does not name what it takes back."""
MAX_CORRECTIONS = 2
CORRECTED_KINDS = ("amount", "time", "person", "place")

_TAKES_BACK = re.compile(
    r"(?i)\b(?:not (?:(?:on|at|in|by|from|to|for) )?(?:the )?[€$£]?\d|instead of|rather than|(?:was|were) the old"
    r"|moved (?:to|from|back|forward)|postponed|brought forward|rescheduled|put (?:off|back) (?:to|until)"
    r"|delayed (?:to|until)|changed (?:to|from)|correct(?:ion|ed|ing)s?\b|as i wrote|no longer|revised to"
    r"|now (?:on|at|in|by)|has been (?:raised|lowered|cut|increased|reduced)|replac(?:es|ed)|superseded|withdrawn"
    r"|nicht (?:(?:am|um|bei) )?\d|statt(?: am| um)?\b|anstatt|anstelle|verschoben|verlegt|vorgezogen|korrektur"
    r"|korrigiert|berichtig\w+|geändert (?:auf|in)|nicht mehr"
    r"|au lieu d|reporté\w*|avancé\w* au|déplacé\w*|décalé\w*|rectific\w+|corrig\w+|non pas"
    r"|en lugar de|en vez de|aplazad\w+|adelantad\w+|trasladad\w+ al|se corrige|corrección|y no (?:el|la|a)\b"
    r"|invece (?:di|del)|rinviat\w+|spostat\w+|anticipat\w+|correzione|non più"
    r"|in plaats van|verplaatst|uitgesteld|verzet naar|correctie|niet meer)"
)


def corrected(question: str, best: FoundUnit, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the sentences of the best one's document that correct it, likeliest first; none if nothing does.

    Such a sentence holds another thing of the kind that is asked and half the words of the question that the best one
    has, and takes something back, or stands beside a sentence that does. If none of them names what it takes back, the
    best one is quoted behind them.
    """
    kind = asked_kind(question)
    if kind not in CORRECTED_KINDS or best.unit.unit.kind != "sentence" or _TAKES_BACK.search(_with_next(best)):
        return []
    mine, counted = numbers(best.quoted), kind in ("amount", "time")
    held = Words(best.quoted)
    shared = [word for word in asked_words(question) if held.holds(word) == 1 and word.isalpha()]
    corrections: list[FoundUnit] = []
    for each in found:
        words = Words(each.quoted)
        if (
            each.unit.unit.kind == "sentence"
            and each.assessed.passage.document_id == best.assessed.passage.document_id
            and each.quoted != best.quoted
            and holds(kind, each.quoted)
            and not (counted and numbers(each.quoted) <= mine)
            and shared
            and 2 * sum(words.holds(word) == 1 for word in shared) >= len(shared)
            and _TAKES_BACK.search(_with_next(each))
        ):
            corrections.append(each)
    certain = [each for each in corrections if counted and not mine.isdisjoint(numbers(_with_next(each)))]
    if certain:
        return certain[:MAX_CORRECTIONS]
    likely = [each for each in corrections if each.probability >= MIN_PROBABILITY][:MAX_CORRECTIONS]
    return [*likely, best] if likely else []


def _with_next(found: FoundUnit) -> str:
    """Return a unit's text with the sentence behind it if that has a word or figure of it."""
    behind = found.unit.unit.quoted[-1] + 1
    sentences = found.assessed.sentences
    if behind >= len(sentences) or sentences[behind].block != found.core.block:
        return found.quoted
    following = sentences[behind].shown
    related = not set(content(following)).isdisjoint(content(found.quoted))
    return f"{found.quoted} {following}" if related else found.quoted
