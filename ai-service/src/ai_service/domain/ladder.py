"""The ladder: the best rung that can answer now decides; the lowest always can."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ai_service.domain.answer import Answer, DecidedBy, NotOfTheList, Proposal, accept
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordRung
from ai_service.domain.ladder_settings import Order
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Usage

ORDER: dict[Order, tuple[DecidedBy, ...]] = {
    "claude_first": ("claude", "bert", "keywords"),
    "local_first": ("bert", "claude", "keywords"),
}
"""Who is asked after whom. `bert` is the local classifier."""

PAID: tuple[DecidedBy, ...] = ("claude",)
"""Rungs that a budget keeps from being asked."""


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
    means it is only at a loss with this text, `unknown` that it wasn't reached, because of us. `usage` is what it cost
    all the same. `retry_after` is the pause in seconds that the rung asked for.
    """

    def __init__(
        self, kind: str, health: Health, usage: Usage | None = None, *, retry_after: float | None = None
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.health = health
        self.usage = usage
        self.retry_after = retry_after


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
    usage: Usage | None = None
    """What the one paid rung used, whether its answer was taken or not."""


@dataclass(frozen=True)
class Climb:
    """How a company wants its ladder climbed."""

    order: Order = "claude_first"
    affordable: bool = True
    """Whether paid rungs may be asked; else they miss with the kind `budget`."""


AS_USUAL = Climb()


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
        self,
        ticket: TicketText,
        departments: Departments,
        own: Sequence[Rung] = (),
        last: Rung | None = None,
        climb: Climb = AS_USUAL,
    ) -> Decision:
        """Say where a ticket belongs. Never raises: whatever a rung does, the next one is asked.

        `own` are rungs of the ticket's company, which take their places among the others. `last` is asked where no word
        is known: a guess of its own is better than none. A local rung that abstains hands the ticket down: what a lower
        rung answers without it is answered with it, too. Where no lower rung is sure either, its abstention stands.
        """
        misses: list[Miss] = []
        usage: Usage | None = None
        standing: Answer | None = None
        order = ORDER[climb.order]
        for rung in sorted([*self._rungs, *own], key=lambda rung: order.index(rung.name)):
            if rung.name in PAID and not climb.affordable:
                misses.append(Miss(rung.name, "budget"))
                continue
            outcome, used = _ask(rung, ticket, departments)
            usage = usage or used
            if isinstance(outcome, Miss):
                misses.append(outcome)
            elif outcome.need_admin and rung.name not in PAID:
                standing = outcome
            else:
                return Decision(_with_figures(outcome, standing), tuple(misses), usage)
        lowest = self._lower(ticket, departments, last)
        answer = standing if standing is not None and lowest.need_admin else _with_figures(lowest, standing)
        return Decision(answer, tuple(misses), usage)

    def _lower(self, ticket: TicketText, departments: Departments, last: Rung | None) -> Answer:
        proposal = self._lowest.read(ticket, departments)
        if last is not None and proposal.confidence == NOTHING_FOUND:
            outcome, _ = _ask(last, ticket, departments)
            if isinstance(outcome, Answer):
                return outcome
        return self._surest(proposal, departments)

    def _surest(self, proposal: Proposal, departments: Departments) -> Answer:
        try:
            return accept(proposal, departments, self._lowest.name)
        except NotOfTheList:
            # Only where a company has no department at all.
            return Answer(departments.fallback(), 0.0, "the company has no active department", self._lowest.name)


def _with_figures(answer: Answer, abstained: Answer | None) -> Answer:
    """Return an answer with the figures of the local rung that was asked before it, where it has none of its own."""
    if answer.figures is not None or abstained is None:
        return answer
    return replace(answer, figures=abstained.figures)


def _ask(rung: Rung, ticket: TicketText, departments: Departments) -> tuple[Answer | Miss, Usage | None]:
    usage: Usage | None = None
    try:
        proposal = rung.read(ticket, departments)
        usage = proposal.usage
        return accept(proposal, departments, rung.name), usage
    except NotOfTheList:
        return Miss(rung.name, "not_of_the_list"), usage
    except RungFailed as failure:
        return Miss(rung.name, failure.kind), failure.usage
    except Exception as error:
        # A model's library can raise anything; a ticket must not wait because of it.
        return Miss(rung.name, type(error).__name__), usage
