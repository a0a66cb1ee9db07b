"""An attacker, an owner and time, in any order: the owner's known device gets in, few guesses are checked."""

from datetime import UTC, datetime, timedelta

from auth_service.domain.guard import Counter, GuardKeys, Key, Kind, decide, failed, lowered
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

HOUR = timedelta(hours=1)
NAME, DEVICE, HOME = b"n" * 32, b"d" * 16, "192.0.2.7"
KEYS = GuardKeys(b"k" * 32)


class Attack(RuleBasedStateMachine):
    """One name under attack."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 29, tzinfo=UTC)
        self.counters: dict[Key, Counter] = {}
        self.guesses: list[datetime] = []
        self.closed_until: datetime | None = None

    def login(self, address: str, device: bytes | None, *, right: bool) -> bool:
        """Return whether the password is checked."""
        keys = KEYS.of_login(NAME, address, device)
        decision = decide({key: self.counters.get(key, Counter()) for key in keys}, self.now)
        self.counters.update(decision.counters)
        if decision.admitted:
            self.counters.update({key: self.settled(key, right) for key in keys})
        return decision.admitted

    def settled(self, key: Key, right: bool) -> Counter:
        """Return a counter after the end of a try."""
        counter = self.counters[key]
        return lowered(counter) if right else failed(key.kind, counter, self.now)

    @rule(seconds=st.one_of(st.integers(0, 90), st.integers(0, 7200), st.integers(0, 200_000)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(network=st.integers(0, 40), tries=st.integers(1, 60))
    def the_attacker_guesses(self, network: int, tries: int) -> None:
        for _ in range(tries):
            if self.login(f"198.51.{network}.1", None, right=False):
                self.guesses.append(self.now)

    @rule(tries=st.integers(1, 300))
    def a_botnet_guesses(self, tries: int) -> None:
        for number in range(tries):
            if self.login(f"10.{number % 256}.{number // 256}.1", None, right=False):
                self.guesses.append(self.now)

    @rule()
    def the_attacker_guesses_from_the_owners_network(self) -> None:
        if self.login(HOME, None, right=False):
            self.guesses.append(self.now)

    @rule(times=st.integers(1, 30))
    def the_owner_signs_in_on_the_known_device(self, times: int) -> None:
        for _ in range(times):
            assert self.login(HOME, DEVICE, right=True)

    @rule()
    def the_owner_mistypes_nine_times_on_the_known_device_and_then_signs_in(self) -> None:
        self.now += HOUR
        for _ in range(9):
            assert self.login(HOME, DEVICE, right=False)
        assert self.login(HOME, DEVICE, right=True)
        self.now += HOUR

    @invariant()
    def no_hour_sees_more_than_ten_checked_guesses(self) -> None:
        recent = self.guesses[-11:]
        assert len(recent) < 11 or recent[-1] - recent[0] >= HOUR

    @invariant()
    def a_closed_name_stays_closed_for_no_longer_than_at_first(self) -> None:
        name = self.counters.get(KEYS.of_login(NAME, HOME, None)[0], Counter())
        if self.closed_until is not None and self.now < self.closed_until:
            assert name.closed_until == self.closed_until
        assert name.closed_until is None or name.closed_until <= self.now + timedelta(days=1)
        self.closed_until = name.closed_until


Attack.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAttack = Attack.TestCase


def test_ten_thousand_guesses_of_one_day_leave_the_owner_in_and_are_hardly_checked() -> None:
    """A figure of its own: from 200 networks, evenly over a day."""
    attack = Attack()
    for number in range(10_000):
        attack.now += timedelta(seconds=8.64)
        if attack.login(f"198.51.{number % 200}.1", None, right=False):
            attack.guesses.append(attack.now)
        if number % 100 == 0:
            assert attack.login(HOME, DEVICE, right=True)
    # Ten at once, then one after each time: 1 + 2 + 4 + 8 hours.
    assert len(attack.guesses) == 10 + 4
    assert [key.kind for key, counter in attack.counters.items() if counter.closed_until] == [Kind.NAME]
