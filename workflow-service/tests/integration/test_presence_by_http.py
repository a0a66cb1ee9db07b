"""`PUT /api/presence` checks `If-Match`, also where a person has no presence yet."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ..conftest import Api, Rows

PATH = "/api/presence"
THREADS = 8


@pytest.fixture
def ann(api: Api) -> Api:
    return replace(api, role="agent", subject="user:ann", email="ann@example.com")


def put(ann: Api, tag: str, **body: Any) -> Any:
    return ann.call("PUT", PATH, {"available": False} | body, If_Match=tag)


def test_the_tag_of_a_presence_that_was_never_set_is_accepted_once(ann: Api) -> None:
    tag = ann.call("GET", PATH).headers["ETag"]
    changed = put(ann, tag)
    assert changed.status_code == 200, changed.text
    assert ann.call("GET", PATH).headers["ETag"] == changed.headers["ETag"] != tag
    stale = put(ann, tag, available=True)
    assert (stale.status_code, stale.json["code"]) == (412, "stale_version")
    assert ann.get(PATH)["available"] is False
    assert put(ann, changed.headers["ETag"], available=True).status_code == 200


def test_the_tag_of_a_lease_is_accepted(ann: Api) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    tag = put(ann, "*", until=until).headers["ETag"]
    assert tag == ann.call("GET", PATH).headers["ETag"]
    assert put(ann, tag).status_code == 200


def test_a_stale_tag_changes_nothing_where_there_is_no_presence(ann: Api, rows: Rows) -> None:
    assert put(ann, '"0"').status_code == 412
    assert rows("select count(*) from presence") == [(0,)]


@pytest.mark.parametrize("has_presence", [False, True])
def test_of_several_changes_at_once_with_one_tag_one_is_made(ann: Api, rows: Rows, has_presence: bool) -> None:
    if has_presence:
        put(ann, "*", available=True)
    tag = ann.call("GET", PATH).headers["ETag"]

    def change(hours: int) -> int:
        until = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        return int(put(ann, tag, until=until).status_code)

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = sorted(pool.map(change, range(1, THREADS + 1)))
    assert statuses == [200] + [412] * (THREADS - 1)
    assert rows("select count(*) from presence") == [(1,)]
