"""Whom a comment may mention: people who may see it."""

from collections.abc import Mapping, Sequence

from ticket_service.domain.comments import BadComment

STAFF_ROLES = frozenset({"agent", "manager", "admin"})


def check_mentions(mentions: Sequence[int], roles: Mapping[int, str], *, requester: str | None, internal: bool) -> None:
    """Raise BadComment unless each mentioned person may see the comment.

    `roles` are those of the company's active people among the mentioned ones. `requester` is the subject of the
    ticket's requester, who sees the ticket, but none of its notes.
    """
    for position, user_id in enumerate(mentions):
        role = roles.get(user_id)
        sees_it = role in STAFF_ROLES or (role is not None and not internal and requester == f"user:{user_id}")
        if not sees_it:
            raise BadComment(f"mentions.{position}", "Nobody of this number may see the comment.")
