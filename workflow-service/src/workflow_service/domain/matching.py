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


def unknown_names(scope: Scope, seen: Collection[Scope], departments: Collection[str]) -> list[str]:
    """Return what a workflow's scope names that no ticket has had so far, in words.

    `seen` are the scopes of tickets, `departments` those that teams serve. Where none is known, each may be right.
    """
    wanted, tickets = folded(scope), [folded(each) for each in seen]
    categories = {each.category for each in tickets} - {None}
    known = ({each.department for each in tickets} | {fold(name) for name in departments}) - {None}
    found = []
    if categories and wanted.category not in categories:
        found.append(f"No ticket has had the category {scope.category!r} so far: is it spelled as intended?")
    if known and wanted.department is not None and wanted.department not in known:
        found.append(
            f"No ticket has had the department {scope.department!r} so far, and no team serves it:"
            " is it spelled as intended?"
        )
    return found


def folded(scope: Scope) -> Scope:
    """Return a scope in the form by which scopes are equal."""
    return Scope(*(_folded(text) for text in (scope.category, scope.sub_category, scope.department)))


def _folded(text: str | None) -> str | None:
    return None if text is None else fold(text)
