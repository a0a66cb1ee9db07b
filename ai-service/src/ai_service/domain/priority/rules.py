"""A company's rules for priorities: the first matching rule outranks the words of the text."""

from collections.abc import Sequence
from dataclasses import dataclass

from ai_service.domain.folding import words_in
from ai_service.domain.priority.levels import REASON_CHARACTERS, Prioritized, Priority
from ai_service.domain.ticket_text import TicketText

MAX_RULES = 100
MAX_WORDS = 20
MAX_NAME_CHARACTERS = 100
MAX_WORD_CHARACTERS = 60
MAX_DEPARTMENT_CHARACTERS = 100
MAX_POSITION = 1_000_000
POSITION_STEP = 10
"""The distance of a rule without a position from the last one, which leaves positions between them."""


class RuleError(Exception):
    """A rule can't be changed as requested; the message is for the caller."""


class RuleNotFound(RuleError):
    """The company has no such rule."""


class RuleExists(RuleError):
    """The company has a rule of that name already; case is ignored."""


class TooManyRules(RuleError):
    """The company has as many rules as it may have."""


@dataclass(frozen=True)
class Rule:
    """Tickets with one of `words`, and of `department` where one is named, have this priority.

    An item of `words` may be a phrase (`credit card`). Whole words match, in whatever case.
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
    """Return the position of a rule without one: after all others; `highest` is the last one's position."""
    return 0 if highest is None else min(highest + POSITION_STEP, MAX_POSITION)


def normalized(word: str) -> str:
    """Return a rule's word as it is compared: folded, one blank between its parts; empty without letters and digits."""
    return " ".join(words_in(word))


def first_match(rules: Sequence[Rule], ticket: TicketText, department: str | None) -> Prioritized | None:
    """Return the priority of the first active rule that matches; None where none does.

    `rules` are in order. `department` is None for a ticket that no classifier has read: rules of a department don't
    match it.
    """
    if not rules:
        return None
    words = ticket.words
    present = set(words)
    whole = f" {' '.join(words)} "
    for rule in rules:
        if not rule.active or not _covers(rule, department):
            continue
        for word in map(normalized, rule.words):
            # The first part is looked up before the text is searched: most words of most rules don't occur at all.
            if word.partition(" ")[0] in present and f" {word} " in whole:
                return Prioritized(rule.priority, f"rule {rule.name!r}: {word}"[:REASON_CHARACTERS])
    return None


def _covers(rule: Rule, department: str | None) -> bool:
    if rule.department is None:
        return True
    return department is not None and rule.department.casefold() == department.casefold()
