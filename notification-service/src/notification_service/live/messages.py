"""The messages that clients receive: ids, kinds and versions."""

from typing import Any

import orjson

from notification_service.domain.changes import (
    COMMENT_DELETED,
    COMMENT_UPDATED,
    COMMENTED,
    NOTIFICATION,
    STILL,
    TYPING,
    Change,
)

CONNECTED, RESET, GOODBYE, PONG = "connection_established", "reset", "goodbye", "pong"
COMMENT_UPDATE, TICKET_UPDATE, TYPING_INDICATOR = "comment_update", "ticket_update", "typing_indicator"
COMMENT_KINDS = {COMMENTED: "created", COMMENT_UPDATED: "updated", COMMENT_DELETED: "deleted"}


def of_change(change: Change) -> tuple[str, dict[str, Any]]:
    """Return the type and the content of a change's message."""
    kind, number = change.kinds[0], int(change.room.partition(":")[2])
    if kind == NOTIFICATION:
        return NOTIFICATION, {"notification_id": change.item_id}
    if kind in (TYPING, STILL):
        return TYPING_INDICATOR, {"ticket_id": number, "user": change.item_id, "typing": kind == TYPING}
    if kind in COMMENT_KINDS:
        comment = {"comment_id": change.item_id, "version": change.version, "kind": COMMENT_KINDS[kind]}
        return COMMENT_UPDATE, {"ticket_id": number, **comment}
    return TICKET_UPDATE, {"ticket_id": number, "version": change.version, "kinds": list(change.kinds)}


def server_sent(kind: str, content: dict[str, Any]) -> bytes:
    """Return an event of an event stream."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps(content))


def server_sent_cursor(cursor: int) -> bytes:
    """Return a block that moves a stream's `Last-Event-ID` and shows nothing."""
    return b"id: %d\n\n" % cursor


def frame(kind: str, content: dict[str, Any]) -> str:
    """Return a message of a WebSocket."""
    return orjson.dumps({"type": kind, **content}).decode()
