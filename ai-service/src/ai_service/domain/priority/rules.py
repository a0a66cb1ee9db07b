"""A company's own rules for priorities: the first one that fits outranks what a text claims."""

from collections.abc import Sequence
from dataclasses import dataclass

from ai_service.domain.folding import words_in
from ai_service.domain.priority.levels import REASON_CHARACTERS, Prioritized, Priority
from ai_service.domain.ticket_text import TicketText

MAX_RULES = 100
MAX_WORDS = 20
LONGEST_NAME = 100
LONGEST_WORD = 60
LONGEST_DEPARTMENT = 100
LAST_POSITION = 1_000_000
POSITION_STEP = 10
"""A rule without a position comes so far behind the last one that others fit between them."""


class RuleError(Exception):
    """A rule can't be changed as wished; says why in words for the caller."""


class RuleNotFound(RuleError):
    """The company has no such rule."""


class RuleExists(RuleError):
    """The company has a rule of that name already, perhaps in other letters (case)."""


class TooManyRules(RuleError):
    """The company has as many rules as it may have."""


@dataclass(frozen=True)
class Rule:
    """Tickets that say one of `words`, and belong to `department` where one is named, have this priority.

    A word may be several (`credit card`); it is met as a whole, in whatever case, never within another word.
    """

    id: int
    name: str
    words: tuple[str, ...]
    department: str | None
    priority: Priority
    position: int
    active: bool


def check_number(existing: int) -> None:
    """Raise TooManyRules where one more would be too many."""
    if existing >= MAX_RULES:
        raise TooManyRules(f"a company has at most {MAX_RULES} rules")


def next_position(highest: int | None) -> int:
    """Return where a rule without a position goes: behind all others, `highest` being the last one's."""
    return 0 if highest is None else min(highest + POSITION_STEP, LAST_POSITION)


def plain(word: str) -> str:
    """Return a rule's word as it is compared: small letters, one blank between its parts; '' where it has none."""
    return " ".join(words_in(word))


def first_fit(rules: Sequence[Rule], ticket: TicketText, department: str | None) -> Prioritized | None:
    """Return what the first active rule that fits says; None where none fits.

    `department` is None for a ticket that nobody has read: it belongs to no department yet. `rules` are in order.
    """
    if not rules:
        return None
    words = ticket.words
    known = set(words)
    whole = f" {' '.join(words)} "
    for rule in rules:
        if not rule.active or not _covers(rule, department):
            continue
        for word in map(plain, rule.words):
            # The first part is looked up before the text is searched: most words of most rules aren't there at all.
            if word.partition(" ")[0] in known and f" {word} " in whole:
                return Prioritized(rule.priority, f"rule {rule.name!r}: {word}"[:REASON_CHARACTERS])
    return None


def _covers(rule: Rule, department: str | None) -> bool:
    if rule.department is None:
        return True
    return department is not None and rule.department.casefold() == department.casefold()
