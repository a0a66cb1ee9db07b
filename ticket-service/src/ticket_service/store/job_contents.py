"""The content of a job as JSON: the change for all of its tickets, or the draft of one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ticket_service.domain.edit import Edit, OwnerAnswers
from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.teams import NamedTeam, Team
from ticket_service.domain.ticket import Draft


def change_json(edit: Edit, answers: OwnerAnswers) -> dict[str, Any]:
    """Return a change, and what the owners of department and team answered when it was requested."""
    return {"edit": asdict(edit), "answers": asdict(answers)}


def change_of(content: Mapping[str, Any]) -> tuple[Edit, OwnerAnswers]:
    """Return the change that `change_json` made into JSON."""
    edit, answers = dict(content["edit"]), content["answers"]
    for name, kind in (("priority", Priority), ("status", Status), ("team", _named_team)):
        edit[name] = None if edit[name] is None else kind(edit[name])
    team = answers["team"]
    return Edit(**edit), OwnerAnswers(answers["takes_tickets"], None if team is None else Team(**team))


def draft_of(content: Mapping[str, Any]) -> Draft:
    """Return the draft of a ticket from its fields."""
    priority = content.get("priority")
    return Draft(**{**content, "priority": None if priority is None else Priority(priority)})


def _named_team(content: Mapping[str, Any]) -> NamedTeam:
    return NamedTeam(content["name"])
