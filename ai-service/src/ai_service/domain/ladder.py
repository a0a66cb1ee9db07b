"""The ladder: the best rung that can answer now decides; the lowest always can."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ai_service.domain.answer import Answer, DecidedBy, NotOfTheList, Proposal, accept
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordRung
from ai_service.domain.ticket_text import TicketText

ORDER: tuple[DecidedBy, ...] = ("claude", "bert", "keywords")
"""From the best rung to the surest. `bert` is the local classifier."""


Health = Literal["well", "ill", "unknown"]


class Rung(Protocol):
    """Somebody who can propose a department within a deadline of its own."""

    @property
    def name(self) -> DecidedBy:
        """Return the rung's name, which answers carry."""

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose a department; raise RungFailed, at the latest at the rung's deadline."""


class RungFailed(Exception):
    """A rung has no answer for this ticket.

    `kind` is a short word for metrics. `health` is what this tells about the rung: `ill` counts for its breaker, `well`
    means it is only at a loss with this text, `unknown` that it wasn't reached, because of us.
    """

    def __init__(self, kind: str, health: Health) -> None:
        super().__init__(kind)
        self.kind = kind
        self.health = health


@dataclass(frozen=True)
class Miss:
    """A rung that had no answer, and why."""

    rung: DecidedBy
    kind: str


@dataclass(frozen=True)
class Decision:
    """An answer, and the higher rungs that missed."""

    answer: Answer
    misses: tuple[Miss, ...] = ()


class Ladder:
    """Asks rung after rung and believes only departments of the company's list."""

    def __init__(self, rungs: Sequence[Rung] = ()) -> None:
        """Take the rungs above the keywords, in any order."""
        self._rungs = list(rungs)
        self._lowest = KeywordRung()

    @property
    def has_models(self) -> bool:
        """Tell whether there are rungs above the keywords, whose answers take time or money."""
        return bool(self._rungs)

    def decide(
        self, ticket: TicketText, departments: Departments, own: Sequence[Rung] = (), last: Rung | None = None
    ) -> Decision:
        """Say where a ticket belongs. Never raises: whatever a rung does, the next one is asked.

        `own` are rungs of the ticket's company, which take their places among the others. `last` is asked where no word
        is known: a guess of its own is better than none.
        """
        misses: list[Miss] = []
        for rung in sorted([*self._rungs, *own], key=_place):
            outcome = _ask(rung, ticket, departments)
            if isinstance(outcome, Answer):
                return Decision(outcome, tuple(misses))
            misses.append(outcome)
        proposal = self._lowest.read(ticket, departments)
        if last is not None and proposal.confidence == NOTHING_FOUND:
            outcome = _ask(last, ticket, departments)
            if isinstance(outcome, Answer):
                return Decision(outcome, tuple(misses))
        return Decision(self._surest(proposal, departments), tuple(misses))

    def _surest(self, proposal: Proposal, departments: Departments) -> Answer:
        try:
            return accept(proposal, departments, self._lowest.name)
        except NotOfTheList:
            # Only where a company has no department at all.
            return Answer(departments.fallback(), 0.0, "the company has no active department", self._lowest.name)


def _place(rung: Rung) -> int:
    return ORDER.index(rung.name)


def _ask(rung: Rung, ticket: TicketText, departments: Departments) -> Answer | Miss:
    try:
        return accept(rung.read(ticket, departments), departments, rung.name)
    except NotOfTheList:
        return Miss(rung.name, "not_of_the_list")
    except RungFailed as failure:
        return Miss(rung.name, failure.kind)
    except Exception as error:
        # A model's library can raise anything; a ticket must not wait because of it.
        return Miss(rung.name, type(error).__name__)
