"""Sends each change of a service with current and stale tags, and each GET of a record with `If-None-Match`."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from flask import Flask
from service_kit.http.strictness import accepted
from service_kit.testing.calls import Calls
from smartticket_contracts import policy
from werkzeug.test import TestResponse

from tests.conventions.requests_of_rows import REPEATED, ServiceUnderTest, rows_of, send

WRITERS = 4
STRONG = re.compile(r'"[^"]+"\Z')
CHANGES = ("POST", "PUT", "PATCH", "DELETE")


def endpoint_of(app: Flask, row: policy.Row) -> str:
    """Return the endpoint that serves a row's route."""
    shape = re.sub(r"{\w+}", "*", row.path)
    for rule in app.url_map.iter_rules():
        if re.sub(r"<[^>]+>", "*", rule.rule) == shape and row.method in (rule.methods or ()):
            return rule.endpoint
    raise AssertionError(f"{row.route} is not served")


def checks_if_match(tested: ServiceUnderTest, row: policy.Row) -> bool:
    """Return whether the route declares that it checks `If-Match`."""
    app = tested.api.client.application
    return accepted(app.view_functions[endpoint_of(app, row)]).if_match


def wrong_changes(tested: ServiceUnderTest, service: str) -> dict[str, list[str]]:
    """Return what is wrong about `If-Match`, by route: all changes, and those that check it by several writers."""
    rows = rows_of(service, *CHANGES)
    found = {row.route: wrong_preconditions(tested, row) for row in rows}
    for row in rows:
        if checks_if_match(tested, row):
            found[row.route] += wrong_races(tested, row)
    return {route: wrong for route, wrong in found.items() if wrong}


def wrong_records(tested: ServiceUnderTest, service: str) -> dict[str, list[str]]:
    """Return what is wrong about the tags of single records, by route."""
    app = tested.api.client.application
    records = app.extensions["service_kit"].records
    rows = [row for row in rows_of(service, "GET") if endpoint_of(app, row) in records]
    assert rows
    return {row.route: wrong for row in rows if (wrong := wrong_reads(tested, row))}


def wrong_preconditions(tested: ServiceUnderTest, row: policy.Row) -> list[str]:
    """Return what is wrong about the answers to a change with `If-Match`."""
    caller, ask = tested.request_of(row)
    wrong: list[str] = []
    checked = checks_if_match(tested, row)
    with tested.unchanged(wrong, "a refused change"):
        for stale in ('"no-such-tag"', '"999999"', 'W/"1", "x"', "999999"):
            wrong += expect(send(caller, row, ask, if_match=stale, x_request_id=REPEATED), stale, 412, "stale_version")
        for malformed in ("abc", '"open', "*, x", '""x'):
            if checked:
                wrong += expect(
                    send(caller, row, ask, if_match=malformed, x_request_id=REPEATED), malformed, 400, "invalid"
                )
    if checked:
        current = tag_of(caller, ask.path)
        if current is None:
            return [*wrong, "there is no tag"]
        with tested.unchanged(wrong, "a weak tag"):
            wrong += expect(
                send(caller, row, ask, if_match=f"W/{current}", x_request_id=REPEATED), "weak", 412, "stale_version"
            )
        matching = send(caller, row, ask, if_match=f'"other", {current}')
        if matching.status_code in ask.statuses:
            return wrong  # its state refuses the change, whatever the tag
        wrong += succeed(matching, "the current tag")
        after = tag_of(caller, ask.path)
        if after != current:
            # A deleted record has no tag; a changed one has another.
            again = send(caller, row, ask, if_match=current)
            if again.status_code != (412 if after else 404):
                wrong.append(f"the tag of before: {again.status_code}")
    caller, ask = tested.request_of(row)
    anything = send(caller, row, ask, if_match="*")
    if anything.status_code not in ask.statuses | {404}:
        wrong += succeed(anything, "*")
    return wrong


def wrong_races(tested: ServiceUnderTest, row: policy.Row) -> list[str]:
    """Return what is wrong where several writers send the same change with the same tag at once: one wins."""
    caller, ask = tested.request_of(row)
    current = tag_of(caller, ask.path)
    assert current is not None
    barrier = Barrier(WRITERS)
    application = caller.client.application

    def write(_number: int) -> int:
        mine = replace(caller, client=application.test_client())
        barrier.wait()
        return send(mine, row, ask, if_match=current).status_code

    with ThreadPoolExecutor(WRITERS) as pool:
        statuses = sorted(pool.map(write, range(WRITERS)))
    after = tag_of(caller, ask.path)
    if after == current or set(statuses) <= ask.statuses:
        return []
    losers = [412] * (WRITERS - 1) if after else [404] * (WRITERS - 1)
    return [] if statuses[0] // 100 == 2 and statuses[1:] == losers else [f"{statuses}"]


def wrong_reads(tested: ServiceUnderTest, row: policy.Row) -> list[str]:
    """Return what is wrong about a GET that has a tag: 304 for the current one, 200 for others."""
    caller, ask = tested.request_of(row)
    first = send(caller, row, ask)
    current = first.headers.get("ETag")
    if current is None:
        return ["no tag"]
    wrong = [] if STRONG.match(current) else [f"not a strong tag: {current}"]
    for known in (current, f'"other", {current}', f"W/{current}", "*"):
        unchanged = send(caller, row, ask, if_none_match=known)
        if (unchanged.status_code, unchanged.get_data(), unchanged.headers.get("ETag")) != (304, b"", current):
            wrong.append(f"If-None-Match: {known}: {unchanged.status_code}")
    changed = send(caller, row, ask, if_none_match='"other"')
    if (changed.status_code, changed.get_data()) != (200, first.get_data()):
        wrong.append(f"another tag: {changed.status_code}")
    return wrong


def tag_of(caller: Calls, path: str) -> str | None:
    """Return the tag of the record that an address, or the nearest one above it, shows."""
    path = path.partition("?")[0]
    while path.count("/") > 1:
        found = caller.call("GET", path)
        if "ETag" in found.headers:
            return found.headers["ETag"]
        if found.status_code == 404 and found.json["code"] != "not_found":
            return None  # the record is gone; where nothing is at the address, the one above it counts
        path = path.rpartition("/")[0]
    return None


def expect(response: TestResponse, what: str, status: int, code: str) -> list[str]:
    """Return a message unless the answer is this problem."""
    found = (response.status_code, (response.json or {}).get("code"))
    return [] if found == (status, code) else [f"If-Match: {what}: {found}, not {(status, code)}"]


def succeed(response: TestResponse, what: str) -> list[str]:
    """Return a message unless the answer is 2xx."""
    return [] if response.status_code // 100 == 2 else [f"{what}: {response.status_code} {response.text[:200]}"]
