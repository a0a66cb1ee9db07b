"""A macro: a named change of a ticket's fields, perhaps with a comment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticket_service.domain.comment_text import stored_text
from ticket_service.domain.comments import CommentDraft
from ticket_service.domain.edit import Edit
from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.teams import NamedTeam

KINDS = {"status": Status, "priority": Priority, "team": NamedTeam}
"""The types of the actions that aren't text."""
COMMENT = "comment"
"""The action that is no new value."""


@dataclass(frozen=True)
class Macro:
    """A stored macro. `actions` has new values by the names of a ticket's fields, as a PATCH of a ticket has.

    `comment` among them is no field: it has `text`, and perhaps `internal`.
    """

    id: int
    name: str
    actions: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime

    def edit(self) -> Edit:
        """Return the edit of a ticket that the macro makes."""
        values: dict[str, Any] = {
            name: KINDS[name](value) if name in KINDS else value
            for name, value in self.actions.items()
            if name != COMMENT
        }
        return Edit(**values)

    def comment(self) -> CommentDraft | None:
        """Return the comment that the macro adds, None without one."""
        sent = self.actions.get(COMMENT)
        return CommentDraft(stored_text(sent["text"]), internal=sent.get("internal", False)) if sent else None


class TooManyMacros(Exception):
    """The company has as many macros as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A company has at most {most} macros.")


class MacroNotFound(Exception):
    """There is no such macro in the caller's company."""

    def __init__(self) -> None:
        super().__init__("There is no such macro.")
