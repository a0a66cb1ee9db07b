"""What a text tells of how urgent it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ai_service.domain.priority.levels import LEVELS, Priority
from ai_service.domain.priority.sentences import DENIALS, QUESTION, Sentence, denied, denied_in_a_list, sentences
from ai_service.domain.priority.words import ENTRIES, GROUPS, LINKS, MANY, QUANTITIES, UNSAID, Entry, Kind
from ai_service.domain.ticket_text import TicketText

LINKS_BETWEEN = 3
"""Words that may stand between a quantity and whom it counts: `all of our users`."""

SHORT_QUESTION = 4
"""`Is it urgent` has three words, and the mark of a question counts as one."""

Said = dict[str, Priority]
"""Words of ours that were met, in their order, each with its level."""


@dataclass
class Signals:
    """What was met in a text, by kind; `no_hurry` holds words of haste that were denied."""

    urgency: Said = field(default_factory=dict)
    trouble: Said = field(default_factory=dict)
    scope: Said = field(default_factory=dict)
    system: Said = field(default_factory=dict)
    feeling: Said = field(default_factory=dict)
    praise: Said = field(default_factory=dict)
    no_hurry: Said = field(default_factory=dict)


@dataclass(frozen=True)
class _Met:
    entry: Entry
    denied: bool

    @property
    def words(self) -> str:
        return " ".join(self.entry.words)


def signals(ticket: TicketText) -> Signals:
    """Read a text. Never raises; what is denied (`not urgent`) is not met."""
    found = Signals()
    for sentence in sentences(ticket):
        met = list(_met(sentence))
        if _is_over(sentence, met):
            # Told as a thing of the past; what is urgent or calls for haste all the same still counts.
            met = [each for each in met if each.entry.kind != "trouble" and each.entry.level != "medium"]
        if _asks_whether(sentence):
            met = [each for each in met if each.entry.kind != "urgency"]
        for each in met:
            _take(found, each)
        for words in _crowds(sentence):
            found.scope[words] = "low"
    return found


def highest(said: Said) -> int:
    """Return the place in LEVELS of the highest level that was met."""
    return max((LEVELS.index(level) for level in said.values()), default=0)


def _take(found: Signals, met: _Met) -> None:
    kinds: dict[Kind, Said] = {
        "urgency": found.urgency,
        "trouble": found.trouble,
        "scope": found.scope,
        "system": found.system,
        "feeling": found.feeling,
        "praise": found.praise,
    }
    if not met.denied and met.entry.kind in kinds:
        kinds[met.entry.kind][met.words] = met.entry.level
    elif met.denied and met.entry.kind == "urgency":
        found.no_hurry[met.words] = "low"


def _met(sentence: Sentence) -> Iterator[_Met]:
    place = 0
    while place < len(sentence):
        entry = _entry_at(sentence, place)
        if entry is None:
            place += 1
            continue
        if entry.kind != "harmless":
            yield _Met(entry, _is_denied(sentence, place, entry))
        place += len(entry.words)


def _entry_at(sentence: Sentence, place: int) -> Entry | None:
    candidates = ENTRIES.get(sentence[place], ())
    return next((each for each in candidates if tuple(sentence[place : place + len(each.words)]) == each.words), None)


def _is_denied(sentence: Sentence, place: int, entry: Entry) -> bool:
    if entry.words[0] in DENIALS:
        # `not working` is its own denial.
        return False
    if entry.kind in ("praise", "thanks", "over"):
        return denied(sentence, place)
    return denied_in_a_list(sentence, place)


def _asks_whether(sentence: Sentence) -> bool:
    """Tell whether a short question asks for the reader's case: `Urgent? Call 555-0199.`"""
    return len(sentence) <= SHORT_QUESTION and sentence[-1] == QUESTION


def _is_over(sentence: Sentence, met: list[_Met]) -> bool:
    told = {each.entry.kind for each in met if not each.denied}
    return "over" in told and bool(told & {"praise", "thanks"}) and not UNSAID.intersection(sentence)


def _crowds(sentence: Sentence) -> Iterator[str]:
    """Yield what counts many: `all of our users`, `200 people`."""
    for place, word in enumerate(sentence):
        if not _is_many(word) or denied_in_a_list(sentence, place):
            continue
        for end in range(place + 1, min(place + 2 + LINKS_BETWEEN, len(sentence))):
            if sentence[end] in GROUPS:
                yield " ".join(sentence[place : end + 1])
                break
            if sentence[end] not in LINKS:
                break


def _is_many(word: str) -> bool:
    return word in QUANTITIES or (word.isascii() and word.isdigit() and len(word) <= 7 and int(word) >= MANY)
