"""The transitions between statuses."""

from ticket_service.domain.enums import Status
from ticket_service.domain.errors import IllegalMove, RequesterMove

FOLLOWS = {
    Status.PENDING: frozenset({Status.IN_PROGRESS, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED}),
    Status.IN_PROGRESS: frozenset({Status.ON_HOLD, Status.RESOLVED, Status.CLOSED}),
    Status.ON_HOLD: frozenset({Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED}),
    Status.RESOLVED: frozenset({Status.CLOSED, Status.IN_PROGRESS}),
    Status.CLOSED: frozenset({Status.IN_PROGRESS}),
}


SETTLED = frozenset({Status.RESOLVED, Status.CLOSED})


def check_requester_move(current: Status, wanted: Status) -> None:
    """Raise RequesterMove unless a requester may ask for this status: it closes a ticket or reopens a settled one."""
    if wanted is Status.CLOSED or wanted is current or (wanted is Status.IN_PROGRESS and current in SETTLED):
        return
    raise RequesterMove(wanted)


def move(current: Status, wanted: Status) -> bool:
    """Return whether the status changes; raise IllegalMove where `wanted` may not follow `current`.

    An equal status changes nothing, so that a client may repeat a call whose response was lost.
    """
    if wanted is current:
        return False
    if wanted not in FOLLOWS[current]:
        raise IllegalMove(current, wanted)
    return True
