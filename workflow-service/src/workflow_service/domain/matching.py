"""Which workflow takes a ticket."""

from collections.abc import Collection
from dataclasses import dataclass

from workflow_service.domain.folding import fold
from workflow_service.domain.workflow import DEPLOYED, Scope

EXACT = "category, sub_category and department"
ANY_DEPARTMENT = "category and sub_category"
DEFAULT = "the company has no workflow of its own"
BY_PERSON = "chosen by a person"


@dataclass(frozen=True)
class Candidate:
    """A workflow as matching sees it."""

    workflow_id: int
    version: int
    scope: Scope
    state: str
    is_default: bool


@dataclass(frozen=True)
class Match:
    """The workflow that takes a ticket, and the rule by which it was found."""

    workflow_id: int
    version: int
    rule: str


def match(candidates: Collection[Candidate], ticket: Scope) -> Match | None:
    """Return the workflow that takes a ticket; None where a person must choose one.

    A deployed workflow of the ticket's category, sub-category and department comes first, then one of its category and
    sub-category for any department. A company that has never deployed a workflow of its own has the default one. Equal
    means equal to people (`fold`); nothing equals nothing.
    """
    own = [candidate for candidate in candidates if not candidate.is_default]
    if not own:
        return next((Match(each.workflow_id, each.version, DEFAULT) for each in candidates), None)
    deployed = [candidate for candidate in own if candidate.state == DEPLOYED]
    wanted = folded(ticket)
    for scope, rule in ((wanted, EXACT), (Scope(wanted.category, wanted.sub_category, None), ANY_DEPARTMENT)):
        for candidate in deployed:
            if folded(candidate.scope) == scope:
                return Match(candidate.workflow_id, candidate.version, rule)
    return None


def folded(scope: Scope) -> Scope:
    """Return a scope in the form by which scopes are equal."""
    return Scope(*(_folded(text) for text in (scope.category, scope.sub_category, scope.department)))


def _folded(text: str | None) -> str | None:
    return None if text is None else fold(text)
