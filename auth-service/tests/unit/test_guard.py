"""The guard against guessing, without a database: its counters and its keys."""

from datetime import UTC, datetime, timedelta

import pytest
from auth_service.domain.guard import (
    PENDING,
    Counter,
    GuardKeys,
    Key,
    Kind,
    decide,
    failed,
    lowered,
    network_of,
    raised,
)

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KEYS = GuardKeys(b"k" * 32)


def admitted(kind: Kind, counter: Counter, now: datetime) -> Counter:
    """Return a counter with one more try that is being checked; there must be a place for it."""
    raised_counter = raised(kind, counter, now)
    assert raised_counter is not None
    return raised_counter


def missed(kind: Kind, counter: Counter, now: datetime) -> Counter:
    """Return a counter after a try that failed at once."""
    return failed(kind, admitted(kind, counter, now), now)


def after(kind: Kind, tries: int, *, every: timedelta = timedelta(0)) -> Counter:
    """Return a counter after tries that failed."""
    counter = Counter()
    for number in range(tries):
        counter = missed(kind, counter, NOW + every * number)
    return counter


def pending(kind: Kind, tries: int, counter: Counter = Counter()) -> Counter:  # noqa: B008 - it is frozen
    """Return a counter with tries that are being checked."""
    for _ in range(tries):
        counter = admitted(kind, counter, NOW)
    return counter


def test_the_tenth_try_of_a_name_closes_it_for_an_hour() -> None:
    assert after(Kind.NAME, 9).closed_until is None
    assert after(Kind.NAME, 10).closed_until == NOW + timedelta(hours=1)


def test_tries_while_closed_prolong_nothing() -> None:
    closed = after(Kind.NAME, 10)
    assert raised(Kind.NAME, closed, NOW + timedelta(minutes=59)) is None
    assert raised(Kind.NAME, closed, NOW + timedelta(hours=1)) is not None


def test_each_try_after_the_limit_closes_for_twice_as_long_up_to_a_maximum() -> None:
    counter, now, hours = after(Kind.NAME, 10), NOW, []
    for _ in range(7):
        assert counter.closed_until is not None
        hours.append((counter.closed_until - now) / timedelta(hours=1))
        now = counter.closed_until
        counter = missed(Kind.NAME, counter, now)
    assert hours == [1, 2, 4, 8, 16, 24, 24]


def test_a_network_is_slowed_for_one_name_from_its_fifth_try_on() -> None:
    counter, now, seconds = after(Kind.NAME_AT_NETWORK, 5), NOW, []
    for _ in range(8):
        assert counter.closed_until is not None
        seconds.append((counter.closed_until - now).total_seconds())
        now = counter.closed_until
        counter = missed(Kind.NAME_AT_NETWORK, counter, now)
    assert seconds == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_second_factor_is_closed_for_a_quarter_of_an_hour_by_its_fifth_try() -> None:
    assert after(Kind.SECOND_FACTOR, 5).closed_until == NOW + timedelta(minutes=15)


def test_an_open_counter_starts_again_after_an_hour_without_tries() -> None:
    early = NOW + timedelta(minutes=59)
    nine = after(Kind.NAME, 9)
    assert missed(Kind.NAME, nine, early) == Counter(10, 0, early, early + timedelta(hours=1))
    assert missed(Kind.NAME, nine, NOW + timedelta(hours=1)) == Counter(1, 0, NOW + timedelta(hours=1))


def test_mails_to_an_invited_address_count_for_a_day() -> None:
    two = after(Kind.INVITED_ADDRESS, 2)
    early = NOW + timedelta(hours=23)
    assert missed(Kind.INVITED_ADDRESS, two, early).closed_until == early + timedelta(days=1)
    assert missed(Kind.INVITED_ADDRESS, two, NOW + timedelta(days=1)).tries == 1


def test_a_counter_that_closed_starts_again_a_day_after_its_time() -> None:
    end = NOW + timedelta(hours=1)
    early = missed(Kind.NAME, after(Kind.NAME, 10), end + timedelta(hours=23, minutes=59))
    late = missed(Kind.NAME, after(Kind.NAME, 10), end + timedelta(days=1))
    assert [early.tries, late.tries] == [11, 1]


def test_a_try_that_succeeds_is_taken_back_and_failures_stay() -> None:
    assert lowered(admitted(Kind.NAME, after(Kind.NAME, 9), NOW)) == after(Kind.NAME, 9)
    assert lowered(Counter(0, 0, NOW)) == Counter(0, 0, NOW)


def test_tries_that_are_being_checked_take_the_places_and_close_nothing() -> None:
    five = pending(Kind.NAME_AT_NETWORK, 5)
    assert raised(Kind.NAME_AT_NETWORK, five, NOW) is None
    assert five.closed_until is None
    assert raised(Kind.NAME_AT_NETWORK, lowered(five), NOW) is not None
    # Three failed before: two places are left.
    assert raised(Kind.NAME_AT_NETWORK, pending(Kind.NAME_AT_NETWORK, 2, after(Kind.NAME_AT_NETWORK, 3)), NOW) is None


def test_a_counter_that_has_closed_admits_one_try_at_a_time() -> None:
    later = NOW + timedelta(hours=2)
    first = admitted(Kind.NAME, after(Kind.NAME, 10), later)
    assert raised(Kind.NAME, first, later) is None
    assert failed(Kind.NAME, first, later).closed_until == later + timedelta(hours=2)


def test_tries_whose_process_died_count_as_failed_and_close_the_counter() -> None:
    ten = pending(Kind.NAME, 10)
    died = NOW + PENDING
    assert raised(Kind.NAME, ten, died - timedelta(seconds=1)) is None
    decision = decide({KEYS.of_name(b"n" * 32)[0]: ten}, died)
    assert (decision.closed, decision.retry_after_seconds) == ({Kind.NAME}, 3601)
    # One of them was only slow: its failure is counted already.
    assert failed(Kind.NAME, after(Kind.NAME, 10), died) == after(Kind.NAME, 10)


def test_a_huge_number_of_tries_overflows_nothing() -> None:
    counter = missed(Kind.NETWORK, Counter(2**31 - 2, 0, NOW), NOW)
    assert counter.closed_until == NOW + timedelta(seconds=60)


def test_a_try_counts_on_all_its_counters_or_on_none() -> None:
    name, pair, network = KEYS.of_login(b"n" * 32, "192.0.2.1", None)
    open_ones = {name: after(Kind.NAME, 3), pair: Counter(), network: Counter()}
    decision = decide(open_ones, NOW)
    assert decision.admitted
    assert [(counter.tries, counter.pending) for counter in decision.counters.values()] == [(3, 1), (0, 1), (0, 1)]
    refused = decide({**open_ones, pair: after(Kind.NAME_AT_NETWORK, 5)}, NOW)
    assert not refused.admitted
    assert refused.counters == {}
    assert refused.closed == {Kind.NAME_AT_NETWORK}
    assert refused.retry_after_seconds == 2


def test_a_try_without_a_place_is_busy_and_one_at_a_closed_counter_is_refused() -> None:
    name, pair, network = KEYS.of_login(b"n" * 32, "192.0.2.1", None)
    full = {name: Counter(), pair: pending(Kind.NAME_AT_NETWORK, 5), network: Counter()}
    assert decide(full, NOW).is_busy
    assert not decide(full, NOW).admitted
    closed = {**full, name: after(Kind.NAME, 10)}
    assert (decide(closed, NOW).is_busy, decide(closed, NOW).closed) == (False, {Kind.NAME})


def test_a_known_device_counts_alone() -> None:
    keys = KEYS.of_login(b"n" * 32, "192.0.2.1", b"device")
    assert [key.kind for key in keys] == [Kind.DEVICE]


def test_a_device_counts_apart_for_each_name() -> None:
    assert KEYS.of_login(b"n" * 32, "", b"device") != KEYS.of_login(b"m" * 32, "", b"device")


def test_keys_depend_on_secret_kind_name_and_network() -> None:
    keys: set[Key] = set()
    for secret in (b"k" * 32, b"l" * 32):
        for name in (b"n" * 32, b"m" * 32):
            for address in ("192.0.2.1", "198.51.100.1"):
                keys.update(GuardKeys(secret).of_login(name, address, None))
    # Per secret: two names, two networks, four pairs.
    assert len(keys) == 2 * (2 + 2 + 4)
    assert len({key.digest for key in keys}) == len(keys)


def test_users_of_different_companies_have_different_second_factor_counters() -> None:
    assert KEYS.of_second_factor(1, 23) != KEYS.of_second_factor(12, 3)


def test_recovery_codes_count_apart_from_one_time_codes() -> None:
    assert KEYS.of_second_factor(1, 7) != KEYS.of_second_factor(1, 7, recovery=True)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::9", "2001:db8:1::/48"),
        ("::1", "::/48"),
        ("", "unknown"),
        ("localhost", "unknown"),
        ("192.0.2.1, 10.0.0.1", "unknown"),
    ],
)
def test_addresses_count_by_their_network(address: str, network: str) -> None:
    assert network_of(address) == network
