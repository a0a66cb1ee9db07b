"""Finds the words of a text that count for its priority."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ai_service.domain.priority.levels import LEVELS, Priority
from ai_service.domain.priority.lexicon import ENTRIES, GROUPS, LINKS, MANY_PEOPLE, QUANTITIES, REQUESTING, Entry, Kind
from ai_service.domain.priority.sentences import DENIALS, QUESTION, Sentence, denied, denied_in_a_list, sentences
from ai_service.domain.ticket_text import TicketText

LINKS_BETWEEN = 3
"""Words that may stand between a quantity and the people it counts: `all of our users`."""

SHORT_QUESTION = 4
"""`Is it urgent` has three words, and the question mark counts as one."""

Matches = dict[str, Priority]
"""The entries of the lexicon found in a text, in their order, each with its level."""


@dataclass
class Signals:
    """The entries found in a text, by kind; `denied_urgency` has those of urgency that are denied."""

    urgency: Matches = field(default_factory=dict)
    trouble: Matches = field(default_factory=dict)
    scope: Matches = field(default_factory=dict)
    system: Matches = field(default_factory=dict)
    feeling: Matches = field(default_factory=dict)
    praise: Matches = field(default_factory=dict)
    denied_urgency: Matches = field(default_factory=dict)


@dataclass(frozen=True)
class _Match:
    entry: Entry
    denied: bool

    @property
    def words(self) -> str:
        return " ".join(self.entry.words)


def signals(ticket: TicketText) -> Signals:
    """Find the signals of a text. Never raises; denied words (`not urgent`) don't count."""
    found = Signals()
    for sentence in sentences(ticket):
        matches = list(_matches(sentence))
        if _is_over(sentence, matches):
            # The trouble is past; urgent and high urgency still counts.
            matches = [each for each in matches if each.entry.kind != "trouble" and each.entry.level != "medium"]
        if _is_short_question(sentence):
            matches = [each for each in matches if each.entry.kind != "urgency"]
        for match in matches:
            _add(found, match)
        for words in _groups(sentence):
            found.scope[words] = "low"
    return found


def highest(matches: Matches) -> int:
    """Return the index in LEVELS of the highest level among the matches."""
    return max((LEVELS.index(level) for level in matches.values()), default=0)


def _add(found: Signals, match: _Match) -> None:
    kinds: dict[Kind, Matches] = {
        "urgency": found.urgency,
        "trouble": found.trouble,
        "scope": found.scope,
        "system": found.system,
        "feeling": found.feeling,
        "praise": found.praise,
    }
    if not match.denied and match.entry.kind in kinds:
        kinds[match.entry.kind][match.words] = match.entry.level
    elif match.denied and match.entry.kind == "urgency":
        found.denied_urgency[match.words] = "low"


def _matches(sentence: Sentence) -> Iterator[_Match]:
    position = 0
    while position < len(sentence):
        entry = _entry_at(sentence, position)
        if entry is None:
            position += 1
            continue
        if entry.kind != "harmless":
            yield _Match(entry, _is_denied(sentence, position, entry))
        position += len(entry.words)


def _entry_at(sentence: Sentence, position: int) -> Entry | None:
    candidates = ENTRIES.get(sentence[position], ())
    return next(
        (each for each in candidates if tuple(sentence[position : position + len(each.words)]) == each.words), None
    )


def _is_denied(sentence: Sentence, position: int, entry: Entry) -> bool:
    if entry.words[0] in DENIALS:
        # `not working` is its own denial.
        return False
    if entry.kind in ("praise", "thanks", "over"):
        return denied(sentence, position)
    return denied_in_a_list(sentence, position)


def _is_short_question(sentence: Sentence) -> bool:
    """Return whether a sentence is a short question, which is no request: `Urgent? Call 555-0199.`"""
    return len(sentence) <= SHORT_QUESTION and sentence[-1] == QUESTION


def _is_over(sentence: Sentence, matches: list[_Match]) -> bool:
    kinds = {match.entry.kind for match in matches if not match.denied}
    return "over" in kinds and bool(kinds & {"praise", "thanks"}) and not REQUESTING.intersection(sentence)


def _groups(sentence: Sentence) -> Iterator[str]:
    """Yield the phrases for many people: `all of our users`, `200 people`."""
    for position, word in enumerate(sentence):
        if not _is_many(word) or denied_in_a_list(sentence, position):
            continue
        for end in range(position + 1, min(position + 2 + LINKS_BETWEEN, len(sentence))):
            if sentence[end] in GROUPS:
                yield " ".join(sentence[position : end + 1])
                break
            if sentence[end] not in LINKS:
                break


def _is_many(word: str) -> bool:
    return word in QUANTITIES or (word.isascii() and word.isdigit() and len(word) <= 7 and int(word) >= MANY_PEOPLE)
