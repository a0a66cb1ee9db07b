"""The hub against stored changes whose transactions end in another order than they began."""

import asyncio
from collections.abc import Sequence

import pytest
from notification_service.domain.changes import Viewer, of_ticket
from notification_service.live.hub import DatabaseDown, Hub
from notification_service.live.subscriber import Subscriber
from notification_service.store.live_events import LiveEvent, Reading, TooOld


class Stored:
    """Transactions that begin, and show their change when they end."""

    def __init__(self) -> None:
        self.next_xact, self.next_id = 100, 1
        self.running: dict[int, LiveEvent] = {}
        self.ended: list[LiveEvent] = []
        self.floor, self.most = 0, 1000
        self.down = False

    def begin(self, company: int = 1, ticket: int = 42) -> int:
        change = of_ticket(company, ticket, None, "ticket.updated", 1)
        self.running[self.next_xact] = LiveEvent(self.next_id, self.next_xact, change)
        self.next_xact += 1
        self.next_id += 1
        return self.next_xact - 1

    def end(self, xact: int) -> None:
        self.ended.append(self.running.pop(xact))

    def store(self, company: int = 1, ticket: int = 42) -> None:
        self.end(self.begin(company, ticket))

    def snapshot(self) -> str:
        if self.down:
            raise ConnectionError
        oldest = min(self.running, default=self.next_xact)
        return f"{oldest}:{self.next_xact}:{','.join(map(str, self.running))}"

    def read(self, companies: Sequence[int], before: str) -> Reading:
        if self.down:
            raise ConnectionError
        _, end, running = before.split(":")
        found = [
            event
            for event in self.ended
            if (event.xact >= int(end) or str(event.xact) in running.split(","))
            and event.change.company_id in companies
        ]
        if len(found) > self.most:
            raise TooOld
        return Reading(sorted(found, key=lambda event: event.id), self.snapshot())

    def replay(self, company_id: int, mark: int) -> Reading:
        if mark <= self.floor:
            raise TooOld
        return self.read([company_id], f"{mark}:{mark}:")


def hub_of(stored: Stored) -> Hub:
    return Hub(stored, poll_seconds=0.001, silence_seconds=0.05)


def client(company: int = 1) -> Subscriber:
    return Subscriber(Viewer(company, 7, True))


def ids(subscriber: Subscriber) -> list[int]:
    return [event.id for event in subscriber.take()[0]]


def test_a_change_that_is_stored_late_is_offered_once() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, one = hub_of(stored), client()
        await hub.add(one, None)
        late = stored.begin()
        stored.store()
        await hub.poll()
        await hub.poll()
        assert ids(one) == [2]
        stored.end(late)
        stored.store()
        await hub.poll()
        await hub.poll()
        assert ids(one) == [1, 3]
        assert one.cursor == stored.next_xact

    asyncio.run(scenario())


def test_a_cursor_resumes_where_changes_were_stored_late() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, one = hub_of(stored), client()
        await hub.add(one, None)
        late = stored.begin()
        stored.store()
        await hub.poll()
        events, cursor = one.take()
        hub.remove(one)
        stored.end(late)
        stored.store()
        back = client()
        assert [event.id for event in await hub.add(back, cursor)] == [1, 2, 3]
        await hub.poll()
        stored.store()
        await hub.poll()
        assert ([event.id for event in events], ids(back)) == ([2], [4])

    asyncio.run(scenario())


def test_a_company_that_comes_while_others_are_served_misses_nothing_and_doubles_nothing() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, one, two = hub_of(stored), client(1), client(2)
        await hub.add(one, None)
        stored.begin()
        stored.store(1)
        await hub.poll()
        await hub.add(two, None)
        stored.store(1)
        stored.store(2)
        await hub.poll()
        await hub.poll()
        assert (ids(one), ids(two)) == ([2, 3], [4])

    asyncio.run(scenario())


def test_a_cursor_from_before_what_is_kept_is_refused_and_served_from_now_on() -> None:
    async def scenario() -> None:
        stored = Stored()
        stored.floor = 50
        hub, one = hub_of(stored), client()
        with pytest.raises(TooOld):
            await hub.add(one, 50)
        stored.store()
        await hub.poll()
        assert ids(one) == [1]

    asyncio.run(scenario())


def test_without_a_database_nobody_is_added_and_those_who_wait_are_sent_away_in_the_end() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, one = hub_of(stored), client()
        await hub.add(one, None)
        stored.down = True
        with pytest.raises(DatabaseDown):
            await hub.add(client(2), None)
        polling = asyncio.ensure_future(hub.run())
        await asyncio.wait_for(one.wake.wait(), 60)
        assert (one.goodbye, hub.healthy, len(hub)) == ("unavailable", False, 1)
        stored.down = False
        while not hub.healthy:
            await asyncio.sleep(0.01)
        polling.cancel()

    asyncio.run(scenario())


def test_connections_are_ended_by_name() -> None:
    async def scenario() -> None:
        hub = hub_of(Stored())
        one, two = client(), client()
        one.connection, two.connection = "a", "b"
        await hub.add(one, None)
        await hub.add(two, None)
        assert hub.end("revoked", {"b", "c"}) == 1
        assert (one.goodbye, two.goodbye) == (None, "revoked")
        hub.remove(one)
        hub.remove(two)
        assert len(hub) == 0

    asyncio.run(scenario())


def test_a_hub_that_is_notified_rests_until_something_is_stored() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, one = Hub(stored, poll_seconds=0.001, silence_seconds=60, quiet_seconds=3600), client()
        hub.is_notified = True
        await hub.add(one, None)
        polling = asyncio.ensure_future(hub.run())
        for number in (1, 2):
            stored.store()
            hub.notify()
            await asyncio.wait_for(one.wake.wait(), 60)
            assert ids(one) == [number]
        polling.cancel()

    asyncio.run(scenario())


def test_a_client_of_a_quiet_company_resumes_from_the_last_look() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, quiet = hub_of(stored), client(2)
        await hub.add(quiet, None)
        await hub.add(client(1), None)
        stored.store(1)
        await hub.poll()
        assert quiet.cursor == stored.next_xact
        quiet.end("restarting")
        stored.store(2)
        await hub.poll()
        assert (ids(quiet), quiet.cursor) == ([], stored.next_xact - 1), "it comes back for what it has not got"

    asyncio.run(scenario())


def test_a_room_receives_its_own_changes_in_their_order() -> None:
    async def scenario() -> None:
        stored = Stored()
        hub, everything, one = hub_of(stored), client(), client()
        one.room = "ticket:1"
        await hub.add(everything, None)
        await hub.add(one, None)
        for ticket in (1, 2, 1):
            stored.store(ticket=ticket)
        await hub.poll()
        assert (ids(everything), ids(one)) == ([1, 2, 3], [1, 3])

    asyncio.run(scenario())


def test_a_transaction_that_runs_for_long_makes_nothing_be_read_again() -> None:
    async def scenario() -> None:
        stored = Stored()
        stored.most = 3
        hub, one = hub_of(stored), client()
        await hub.add(one, None)
        late = stored.begin()
        for number in range(20):
            stored.store()
            await hub.poll()
            assert ids(one) == [number + 2]
        stored.end(late)
        await hub.poll()
        assert (ids(one), one.goodbye) == ([1], None)

    asyncio.run(scenario())


def test_after_far_too_many_changes_at_once_clients_come_back_and_go_on() -> None:
    async def scenario() -> None:
        stored = Stored()
        stored.most = 3
        hub, one = hub_of(stored), client()
        await hub.add(one, None)
        for _ in range(5):
            stored.store()
        await hub.poll()
        assert (one.goodbye, len(hub)) == ("resume", 0)
        hub.remove(one)
        back = client()
        with pytest.raises(TooOld):
            await hub.add(back, one.cursor)
        stored.store()
        await hub.poll()
        assert (ids(back), back.goodbye) == ([6], None)

    asyncio.run(scenario())
