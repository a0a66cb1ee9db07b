"""When keys sign, and when their successors are made."""

from datetime import UTC, datetime, timedelta

from auth_service.domain.signing_key import OVERLAP, SIGNS_FOR, SigningKey, missing_term, signing_key
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def key(name: str, signs_from: datetime) -> SigningKey:
    retires_at = signs_from + SIGNS_FOR
    return SigningKey(name, "ES256", {}, b"", signs_from, retires_at, retires_at + OVERLAP)


def test_the_first_key_signs_at_once() -> None:
    term = missing_term([], NOW)
    assert term is not None
    assert (term.signs_from, term.retires_at, term.expires_at) == (NOW, NOW + SIGNS_FOR, NOW + SIGNS_FOR + OVERLAP)
    assert signing_key([], NOW) is None


def test_a_successor_is_published_a_day_before_it_signs() -> None:
    first = key("first", NOW)
    assert missing_term([first], first.retires_at - OVERLAP - timedelta(seconds=1)) is None
    term = missing_term([first], first.retires_at - OVERLAP)
    assert term is not None
    assert term.signs_from == first.retires_at
    second = key("second", term.signs_from)
    keys = [first, second]
    assert signing_key(keys, first.retires_at - timedelta(seconds=1)) is first
    assert signing_key(keys, first.retires_at) is second
    assert missing_term(keys, first.retires_at) is None
    assert first.expires_at == first.retires_at + OVERLAP


def test_a_key_that_retired_while_nothing_ran_is_replaced_at_once() -> None:
    old = key("old", NOW - 2 * SIGNS_FOR)
    term = missing_term([old], NOW)
    assert term is not None
    assert term.signs_from == NOW


def test_a_service_that_runs_publishes_each_successor_most_of_a_day_before_it_signs() -> None:
    published: dict[str, datetime] = {}
    keys: list[SigningKey] = []
    for hour in range(24 * 100):
        now = NOW + timedelta(hours=hour)
        term = missing_term(keys, now)
        if term is not None:
            keys.append(key(f"key {len(keys)}", term.signs_from))
            published[keys[-1].kid] = now
        signs = signing_key(keys, now)
        assert signs is not None
        assert signs is keys[0] or now - published[signs.kid] >= timedelta(hours=23)
    assert len(keys) == 4


@given(st.lists(st.integers(60, 40 * 86_400), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_after_any_pause_a_key_signs_that_outlives_its_tokens(pauses: list[int]) -> None:
    now = NOW
    keys: list[SigningKey] = []
    for pause in pauses:
        term = missing_term(keys, now)
        if term is not None:
            keys.append(key(f"key {len(keys)}", term.signs_from))
        signs = signing_key(keys, now)
        assert signs is not None
        assert now < signs.retires_at < signs.expires_at
        assert sum(each.signs_from <= now < each.retires_at for each in keys) == 1
        now += timedelta(seconds=pause)
        keys = [each for each in keys if each.expires_at > now]
