"""A saved view: a named filter of the ticket list. A personal one is its owner's; managers share views."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Viewer:
    """A person who uses views; `shares` is true for the roles that share views and change shared ones."""

    subject: str
    shares: bool


@dataclass(frozen=True)
class ViewContent:
    """The content of a view: a filter as the ticket list takes it, and the order."""

    name: str
    filter: Mapping[str, Any]
    sort: str
    shared: bool


@dataclass(frozen=True)
class SavedView:
    """A stored view."""

    id: int
    owner: str | None
    content: ViewContent
    version: int
    created_at: datetime
    updated_at: datetime

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Return whether a person sees the view: its owner does, and everybody a shared one."""
        return self.content.shared or self.owner == viewer.subject


class ViewNotFound(Exception):
    """There is no such view, or it is another person's."""

    def __init__(self) -> None:
        super().__init__("There is no such view.")


class TooManyViews(Exception):
    """The person has as many views as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A person has at most {most} views.")


class SharingForbidden(Exception):
    """The person's role shares no views."""

    def __init__(self) -> None:
        super().__init__("Only managers and admins share views and change shared ones.")


def check_sharing(viewer: Viewer, *contents: ViewContent) -> None:
    """Raise SharingForbidden where a view is shared, before or after a change, and the person may not share."""
    if not viewer.shares and any(content.shared for content in contents):
        raise SharingForbidden
