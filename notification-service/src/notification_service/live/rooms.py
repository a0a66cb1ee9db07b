"""The connected clients of one company by the rooms that they follow."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from notification_service.live.subscriber import Position, Subscriber
from notification_service.store.live_events import LiveEvent, mark_of


@dataclass
class Rooms:
    """The clients of a company, and the snapshot up to which all changes were read and offered to them."""

    snapshot: str
    position: Position = field(init=False)
    _by_room: dict[str | None, dict[Subscriber, None]] = field(default_factory=dict)
    _resumed: dict[Subscriber, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.position = Position(mark_of(self.snapshot))

    def __iter__(self) -> Iterator[Subscriber]:
        for group in list(self._by_room.values()):
            yield from list(group)

    def __len__(self) -> int:
        return sum(map(len, self._by_room.values()))

    def add(self, subscriber: Subscriber) -> None:
        """Add a client; `None` is the room of those that follow all that they see."""
        subscriber.position = self.position
        self._by_room.setdefault(subscriber.room, {})[subscriber] = None

    def skip(self, subscriber: Subscriber, events: Sequence[LiveEvent]) -> None:
        """Let a client that has resumed get none of these changes again."""
        if events:
            subscriber.skip(events)
            self._resumed[subscriber] = None

    def remove(self, subscriber: Subscriber) -> None:
        """Remove a client."""
        self._resumed.pop(subscriber, None)
        group = self._by_room.get(subscriber.room, {})
        group.pop(subscriber, None)
        if not group:
            self._by_room.pop(subscriber.room, None)

    def offer(self, events: Sequence[LiveEvent], snapshot: str) -> None:
        """Offer changes to the clients that they may concern; without changes the position alone moves."""
        if events:
            by_room: defaultdict[str | None, list[LiveEvent]] = defaultdict(list)
            for event in events:
                by_room[event.change.room].append(event)
            by_room[None] = list(events)
            for room, changes in by_room.items():
                for subscriber in list(self._by_room.get(room, ())):
                    subscriber.offer(changes)
        self.snapshot, self.position.mark = snapshot, mark_of(snapshot)
        for subscriber in [each for each in self._resumed if each.forgets_skipped(self.position.mark)]:
            del self._resumed[subscriber]
