"""Sends each POST of a service several times with one Idempotency-Key and compares."""

from service_kit.http.idempotency import HEADER
from service_kit.testing.calls import Calls
from smartticket_contracts import policy
from werkzeug.test import TestResponse

from tests.conventions.requests_of_rows import REPEATED, ServiceUnderTest, altered, rows_of, send
from tests.security.policy import COLLEAGUE, Ask

KEPT = ("ETag", "Location")
REPLAYED = "Idempotency-Replayed"
BAD_KEYS = ("", "with space", "x" * 300, "\x07bell", "ü", "tab\tinside")
WITHOUT_EFFECT = {
    "POST /api/analyze",
    "POST /api/categorize",
    "POST /rag/retrieve",
    "POST /rag/solution",
    "POST /internal/api-keys/verify",
    "POST /api/sso/connections/{connection_id}/check",
    "POST /api/workflows/{workflow_id}/dry-run",
    "POST /api/notification-templates/preview",
}
"""Routes that read: a repeated request is computed again, because a stored answer would outlive what it quotes."""


STREAMS = {"POST /rag/chat"}
"""Routes whose repeated answer is the last event alone."""


def wrong_posts(tested: ServiceUnderTest, service: str) -> dict[str, list[str]]:
    """Return what is wrong about repeated POSTs, by route."""
    rows = rows_of(service, "POST")
    assert rows
    return {row.route: wrong for row in rows if (wrong := wrong_repeats(tested, row))}


def wrong_repeats(tested: ServiceUnderTest, row: policy.Row) -> list[str]:
    """Return what is wrong about a POST that is sent repeatedly with one key."""
    caller, ask = tested.request_of(row)
    wrong: list[str] = []
    with tested.unchanged(wrong, "a refused key"):
        for key in BAD_KEYS:
            refused = send(caller, row, ask, idempotency_key=key, x_request_id=REPEATED)
            named = [error["field"] for error in (refused.json or {}).get("errors", [])]
            if (refused.status_code, named) != (400, [HEADER]):
                wrong.append(f"the key {key[:10]!r}: {refused.status_code} naming {named}")
    key = f"key-{ask.path}"
    first = send(caller, row, ask, idempotency_key=key)
    if first.status_code >= 400:
        # Its state refuses the builder's request; a refusal has no effect, so that nothing is stored.
        return wrong if first.status_code in ask.statuses | {404} else [*wrong, f"refused: {first.text[:200]}"]
    with tested.unchanged(wrong, "the repeated request"):
        second = send(caller, row, ask, idempotency_key=key, x_request_id=REPEATED)
        other = send(caller, row, ask, altered(ask), idempotency_key=key, x_request_id=REPEATED)
    reads = row.route in WITHOUT_EFFECT
    if row.route in STREAMS:
        wrong += [] if first.text.endswith(second.text) else [f"{first.text} doesn't end with {second.text}"]
    elif not reads:
        wrong += differences(first, second)
    if second.headers.get(REPLAYED) != (None if reads else "true"):
        wrong.append(f"{REPLAYED} is {second.headers.get(REPLAYED)}")
    if (other.status_code, (other.json or {}).get("code")) != (422, "idempotency_key_reused"):
        wrong.append(f"other content under the key: {other.status_code} {other.text[:200]}")
    if first.status_code == 201 and "Location" in first.headers:
        wrong += wrong_after_deletion(caller, row, ask, key, first.headers["Location"])
    caller.subject = COLLEAGUE
    theirs = send(caller, row, ask, idempotency_key=key)
    if theirs.status_code == 422 or REPLAYED in theirs.headers:
        wrong.append(f"the key of another caller: {theirs.status_code}")
    return wrong


def wrong_after_deletion(caller: Calls, row: policy.Row, ask: Ask, key: str, address: str) -> list[str]:
    """Return what is wrong about a repeated request whose record the caller has deleted.

    Records that can't be shown or deleted are left out.
    """
    shown = caller.call("GET", address).status_code == 200
    if not shown or caller.call("DELETE", address).status_code // 100 != 2:
        return []
    again = send(caller, row, ask, idempotency_key=key, x_request_id=REPEATED)
    found = (again.status_code, (again.json or {}).get("code"), again.headers.get(REPLAYED))
    return [] if found == (410, "deleted", "true") else [f"after the deletion of {address}: {found}"]


def differences(first: TestResponse, second: TestResponse) -> list[str]:
    """Return how the second answer differs from the first."""
    found = [] if first.status_code == second.status_code else [f"{first.status_code}, then {second.status_code}"]
    found += [] if first.get_data() == second.get_data() else [f"{first.text[:200]}, then {second.text[:200]}"]
    for name in KEPT:
        if first.headers.get(name) != second.headers.get(name):
            found.append(f"{name}: {first.headers.get(name)}, then {second.headers.get(name)}")
    return found
