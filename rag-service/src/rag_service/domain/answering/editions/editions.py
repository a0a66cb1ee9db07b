"""Tells which documents are editions of one, such as a policy of 2023 and that of 2025, and which is the newest."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from rag_service.domain.answering.editions.document_days import own_day, saved_day, version_of, without_edition
from rag_service.domain.answering.language.text_features import plain, tokens
from rag_service.domain.passage import Passage

MIN_TITLE_WORDS = 3
"""Words of a title that two documents with different names have in common by more than chance."""
MAX_FURTHER = 2
"""Passages of a newer edition that are read beside those of an old one."""

_STATUS = frozenset(
    tokens(
        """\
final draft new old copy latest current obsolete superseded archived signed approved updated revised valid from as
of until the neu neue alt alte aktuell entwurf kopie gültig ab stand nouveau nouvelle ancien ancienne copie brouillon
nuevo nueva antiguo antigua borrador copia vigente nuovo vecchio bozza nieuw oud concept"""
    )
)
_OBSOLETE = frozenset(
    tokens(
        "old obsolete superseded archived alt alte veraltet ancien ancienne antiguo antigua vecchio oud draft entwurf"
        " brouillon borrador bozza"
    )
)
_ONE_OF_A_SERIES = re.compile(
    r"(?i)minutes|protokoll|protocol|\bactas?\b|minutas?\b|verbale|notulen|compte rendu|report\b|bericht|rapport"
    r"|informe|newsletter|rundbrief|invoice|rechnung|facture|factura|\bweek\b|woche|\bkw\b|semaine|semana|diary|journal|\bmail\b"
    r"|\bre\b|\bfwd?\b|agenda|meeting|sitzung|besprechung|ticket|\boffer|angebot|\border|bestellung"
)
"""Names of documents of which each tells something of its own day, so that none replaces another."""
_YEAR = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)(?!\w)")
_ASKED_VERSION = re.compile(
    r"(?i)(?<![^\W_])(?:v|version|versión|fassung|rev\.?|revision)[ .]?(\d{1,3}(?:\.\d{1,3})*)\b"
)
_ASKS_FOR_OLD = re.compile(
    r"(?i)\b(?:previous(?:ly)?|former(?:ly)?|used to be|earlier (?:version|edition)"
    r"|old(?:er)? (?:version|edition|policy|price|rule|list|limit|rate)\w*|(?:was|were|did) .{1,80}\b(?:before"
    r" (?:that|the|it|\w+ (?:19|20)\d\d|(?:19|20)\d\d)|earlier|in the past|last year)|früher|bisher\w*|vorherig\w*"
    r"|vorige\w*|alte[nr]? (?:version|fassung|preis|regel\w*|liste)|auparavant|précédent\w*"
    r"|ancien(?:ne)? (?:version|prix|tarif|règle)|anteriormente|(?:versión|precio|norma) anterior|precedente"
    r"|in precedenza|vroeger)\b"
)


@dataclass(frozen=True)
class Edition:
    """A document among its editions."""

    document_id: UUID
    title: str
    day: date | None
    """From which it applies, by its own words."""
    version: tuple[int, ...]
    obsolete: bool
    """Whether its name says that it is an old one or a draft."""
    saved: date | None = None
    """On which its file was last saved; it counts only where nothing else tells which one is newer."""


def editions(passages: Iterable[Passage], today: date | None = None) -> list[list[Edition]]:
    """Return the documents of which these passages have several editions, of each the newest first.

    Two documents are editions of one if their names, without versions and dates, are the same and something tells
    which one is newer. An edition that applies only from a day after `today` comes last.
    """
    first: dict[UUID, Passage] = {}
    for each in passages:
        first.setdefault(each.document_id, each)
    groups: list[list[Passage]] = []
    for each in first.values():
        for group in groups:
            if all(_same_document(each, other) for other in group):
                group.append(each)
                break
        else:
            groups.append([each])
    found = []
    for group in groups:
        made = [_edition(each) for each in group]
        if len(made) > 1 and all(_differ(one, other) for i, one in enumerate(made) for other in made[:i]):
            found.append(sorted(made, key=lambda each: _rank(each, made, today), reverse=True))
    return found


def with_newest(passages: Sequence[Passage], number: int) -> list[Passage]:
    """Return the first passages, and of those behind them some of editions that replace one of theirs."""
    kept, further = list(passages[:number]), passages[number:]
    for family in editions(passages):
        old = {each.document_id for each in family[1:]}
        if any(each.document_id in old for each in kept):
            kept += [each for each in further if each.document_id == family[0].document_id][:MAX_FURTHER]
    return kept


def superseded(question: str, passages: Iterable[Passage], today: date | None = None) -> set[UUID]:
    """Return the documents of these passages whose editions do not answer a question, because another one does."""
    found: set[UUID] = set()
    for family in editions(passages, today):
        answering = asked_edition(question, family) or family[0]
        found |= {each.document_id for each in family if each is not answering}
    return found


def asked_edition(question: str, found: Sequence[Edition]) -> Edition | None:
    """Return the edition that a question asks for by its version, its year or words such as "previously"."""
    text = plain(question)
    for named in _ASKED_VERSION.findall(text):
        wanted = tuple(int(each) for each in named.split("."))
        if one := next((each for each in found if each.version[: len(wanted)] == wanted), None):
            return one
    if _ASKS_FOR_OLD.search(text):
        return found[1]
    years = {int(each) for each in _YEAR.findall(text)}
    return next((each for each in found if each.day and each.day.year in years), None)


def _same_document(one: Passage, other: Passage) -> bool:
    names = _key(one.title), _key(other.title)
    if not all(names) or any(_ONE_OF_A_SERIES.search(each.title.replace("_", " ")) for each in (one, other)):
        return False
    if names[0] == names[1]:
        return True
    titles = [_key(str(each.metadata.get("document_title") or "")) for each in (one, other)]
    within = set(names[0]) <= set(names[1]) or set(names[1]) <= set(names[0])
    return titles[0] == titles[1] and len(titles[0]) >= MIN_TITLE_WORDS and within


@lru_cache(maxsize=512)
def _key(name: str) -> tuple[str, ...]:
    words = tuple(each for each in tokens(without_edition(name)) if each not in _STATUS)
    return words if any(len(each) > 2 and each.isalpha() for each in words) else ()


def _edition(passage: Passage) -> Edition:
    obsolete = not _OBSOLETE.isdisjoint(tokens(passage.title.replace("_", " ")))
    day, version = own_day(passage), version_of(passage)
    return Edition(passage.document_id, passage.title, day, version, obsolete, saved_day(passage))


def _differ(one: Edition, other: Edition) -> bool:
    if one.day and other.day:
        return one.day != other.day
    if one.version and other.version:
        return one.version != other.version
    if one.obsolete != other.obsolete:
        return True
    # Two files with one title may be about two things; a copy with another number behind its name is not.
    return bool(one.saved and other.saved) and one.saved != other.saved and _key(one.title) == _key(other.title)


def _rank(
    each: Edition, among: Sequence[Edition], today: date | None
) -> tuple[bool, bool, date, tuple[int, ...], date]:
    """Return how new an edition is: by its day if all have one, else by its version, else by when it was saved."""
    day = each.day if each.day and all(other.day for other in among) else date.min
    saved = each.saved if each.saved and all(other.saved for other in among) else date.min
    applies = not (today and each.day and each.day > today)
    return applies, not each.obsolete, day, each.version, saved
