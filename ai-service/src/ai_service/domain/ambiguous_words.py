"""Ambiguous words of the vocabulary, which are weak evidence, and the words that support them."""

from ai_service.domain.folding import words_of_list
from ai_service.domain.generated.word_shares import SHARES

COMMON_PER_MILLE = 3.0
MIN_RATIO = 3.0
"""A word that occurs in 3 of 1,000 texts of other subjects is weak evidence, unless it is three times as frequent in
texts of its own department."""

AMBIGUOUS = words_of_list("""
    account anniversary app audit bank benefit bill bin budget candidate chair charge compliment contract crash
    crashed credit desk directions discount door draught drive error excel facility feedback finance general holiday
    hr idea interview leak leaking leave lift light lock locker mentor monitor mouse network outlook page pension
    phone price promotion question reboot receipt screen sick sink socket spam stair suggestion survey tap teams
    temperature training vat virus visitor volunteer windows workplace
""")
"""Listed by hand: no public data set shows that Bill is a person, that people tap on a button or that a mouse lives in
a kitchen."""

SUPPORTING_WORDS: dict[str, frozenset[str]] = {
    "IT Support": words_of_list("""
        access arrive arrives attachment attachments battery bounce bounced bounces button cable calendar charger
        click connect connected connecting connection crashes crashing cursor device disk display down download file
        files folder freeze freezes frozen inbox install installed lag lags licence license link load loading log
        logging mailbox offline online open opens outage reset resolution restart settings shared sign slow start
        starts sync synchronise syncing update updated upgrade zoom
    """),
    "HR": words_of_list("""
        colleague days employee employees employer employment entitlement hours job joiner manager months overtime
        supervisor week weeks working years
    """),
    "Facilities": words_of_list("""
        blocked broken building clogged cold corridor dirty draughty dripping drips entrance flicker flickering
        flickers floor garage handle hot noise repair repaired replaced room smell smells stuck wall warehouse water
        wet
    """),
    "Finance": words_of_list("""
        amount approve approved charged cost costs eur euro euros fee fees gbp money order overdue paid pay pays spend
        spent total transfer transferred twice unpaid usd
    """),
    "General": frozenset(),
}
"""Words that are no evidence alone; one of them beside a weak word makes the two of them enough."""


def is_weak(word: str) -> bool:
    """Return whether a word of the vocabulary needs a second word as evidence."""
    own, others = SHARES.get(word, (0.0, 0.0))
    is_common = others >= COMMON_PER_MILLE and (own + 0.5) / (others + 0.5) < MIN_RATIO
    return is_common or word in AMBIGUOUS
