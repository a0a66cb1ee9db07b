"""Claude over HTTP, against a local server that speaks the Messages API and misbehaves on demand."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from model_kit.claude.client import Claude
from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.prices import Price, Prices
from model_kit.claude.reply import Reply
from model_kit.claude.testing import (
    Behaviour,
    Drip,
    HangUp,
    MessagesApi,
    Stall,
    Status,
    error_body,
    message,
    refuses,
    says,
)
from model_kit.claude.usage import Tokens, Usage

MODEL = "claude-haiku-5-5"
QUESTION = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "Is it?"}]}
BUSY_MACHINE = 25.0
"""How much longer something may take where other tests run beside this one."""
MakeClaude = Callable[..., Claude]


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as server:
        yield server


@pytest.fixture
def make_claude(api: MessagesApi) -> Iterator[MakeClaude]:
    made: list[Claude] = []

    def make(*, url: str | None = None, **more: Any) -> Claude:
        limits: dict[str, Any] = {"deadline_seconds": 60.0, "concurrency": 8} | more
        claude = Claude(api_key="sk-ant-test", base_url=url or api.url, **limits)
        claude.load()
        made.append(claude)
        return claude

    yield make
    for claude in made:
        claude.close()


def failure(claude: Claude) -> ClaudeFailed:
    with pytest.raises(ClaudeFailed) as failed:
        claude.ask(QUESTION)
    return failed.value


def test_claude_answers_and_says_what_that_cost(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.script(Status(body=message("It is."), headers={"request-id": "req_7"}))
    answer = make_claude(prices=Prices(Price(Decimal(2), Decimal(10)))).ask(QUESTION)
    assert answer == Reply("It is.", MODEL, Usage(MODEL, Tokens(200, 30), Decimal(700), "req_7"))
    assert api.requests == [QUESTION]
    assert api.headers[0]["authorization"] == "Bearer sk-ant-test"


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_a_passing_failure_is_tried_once_more(api: MessagesApi, make_claude: MakeClaude, status: int) -> None:
    api.script(Status(status), says("Yes."))
    assert make_claude().ask(QUESTION).text == "Yes."
    assert len(api.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_a_request_that_is_wrong_is_made_exactly_once(api: MessagesApi, make_claude: MakeClaude, status: int) -> None:
    api.always(Status(status))
    failure(make_claude())
    assert len(api.requests) == 1


@pytest.mark.parametrize("error", ["overloaded_error", "api_error"])
def test_an_error_in_a_good_answers_clothes_is_tried_once_more(
    api: MessagesApi, make_claude: MakeClaude, error: str
) -> None:
    api.script(Status(200, {**error_body(500), "error": {"type": error, "message": ""}}), says("Yes."))
    assert make_claude().ask(QUESTION).text == "Yes."
    assert len(api.requests) == 2


def test_after_two_tries_it_is_enough(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.always(Status(500))
    begun = time.monotonic()
    failed = failure(make_claude())
    assert time.monotonic() - begun < BUSY_MACHINE
    assert (failed.kind, failed.health) == ("api_error", "ill")
    assert len(api.requests) == 2


def test_retry_after_is_waited_for(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.script(Status(429, headers={"retry-after": "1"}), says("Yes."))
    begun = time.monotonic()
    assert make_claude().ask(QUESTION).text == "Yes."
    assert 1.0 <= time.monotonic() - begun < 1.0 + BUSY_MACHINE


def test_a_retry_after_beyond_the_deadline_is_not_waited_for(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.always(Status(429, headers={"retry-after": "61"}))
    begun = time.monotonic()
    assert failure(make_claude()).kind == "rate_limit_error"
    assert time.monotonic() - begun < BUSY_MACHINE
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    "behaviour",
    [Stall(), Drip(1.0), Drip(1.0, within_headers=True)],
    ids=["stalls", "drips its body", "drips its headers"],
)
def test_the_deadline_bounds_the_whole_call(api: MessagesApi, make_claude: MakeClaude, behaviour: Behaviour) -> None:
    """The client's own time-outs are per read, and each dripped byte would renew them."""
    api.always(behaviour)
    claude = make_claude(deadline_seconds=1.0)
    begun = time.monotonic()
    assert failure(claude).kind == "timeout"
    # A minute of silence, or minutes of drops, would be waited for otherwise.
    assert time.monotonic() - begun < 1.0 + BUSY_MACHINE


def test_a_stalled_try_leaves_time_for_another(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.script(Stall(), says("Yes."))
    assert make_claude(deadline_seconds=6.0).ask(QUESTION).text == "Yes."


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (refuses(), "refused"),
        (says("It i", stop_reason="max_tokens"), "cut_off"),
        (Status(200, b"<html>maintenance</html>", {"content-type": "text/html"}), "malformed"),
        (Status(200, b'{"content": [', {}), "malformed"),
        (Status(200, b"", {}), "malformed"),
        (Status(200, [1, 2, 3]), "malformed"),
    ],
)
def test_an_answer_that_is_none_is_not_asked_for_again(
    api: MessagesApi, make_claude: MakeClaude, behaviour: Behaviour, kind: str
) -> None:
    api.always(behaviour)
    assert failure(make_claude()).kind == kind
    assert len(api.requests) == 1


def test_a_refusal_is_billed_like_an_answer(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.script(refuses())
    failed = failure(make_claude())
    assert failed.usage is not None
    assert (failed.health, failed.usage.tokens) == ("well", Tokens(200, 30))


def test_a_connection_that_breaks_is_tried_once_more(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.script(HangUp(), says("Yes."))
    assert make_claude().ask(QUESTION).text == "Yes."


def test_a_text_that_no_json_can_carry_is_not_sent(api: MessagesApi, make_claude: MakeClaude) -> None:
    with pytest.raises(ClaudeFailed) as failed:
        make_claude().ask(QUESTION | {"messages": [{"role": "user", "content": "half a pair: \ud800"}]})
    assert (failed.value.kind, failed.value.health) == ("unencodable", "unknown")
    assert api.requests == []


def test_nobody_listening_costs_no_deadline(make_claude: MakeClaude) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        claude = make_claude(url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        begun = time.monotonic()
        assert failure(claude).kind == "connection"
    assert time.monotonic() - begun < BUSY_MACHINE


def test_no_more_calls_are_in_flight_than_allowed(api: MessagesApi, make_claude: MakeClaude) -> None:
    api.always(Status(body=message("Yes."), after_seconds=0.5))
    claude = make_claude(concurrency=3)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: claude.ask(QUESTION).text, range(12)))
    assert set(answers) == {"Yes."}
    assert api.max_concurrent_calls == 3


def test_who_finds_no_free_place_in_time_does_not_wait_for_the_deadline(
    api: MessagesApi, make_claude: MakeClaude
) -> None:
    api.always(Stall())
    claude = make_claude(concurrency=1, deadline_seconds=4.0)
    with ThreadPoolExecutor(2) as pool:
        failures = list(pool.map(lambda _: failure(claude), range(2)))
    assert sorted((each.kind, each.health) for each in failures) == [("busy", "unknown"), ("timeout", "ill")]


def test_a_closed_client_opens_again_when_it_is_asked(api: MessagesApi, make_claude: MakeClaude) -> None:
    claude = make_claude()
    assert claude.ask(QUESTION).text == "Yes."
    claude.close()
    assert claude.ask(QUESTION).text == "Yes."


def test_using_claude_loads_no_encoder_and_loads_its_library_only_with_the_first_call() -> None:
    program = """
import sys
sys.modules.update(dict.fromkeys(("numpy", "onnxruntime", "requests", "tokenizers"), None))
from model_kit.claude import client, prompt_delimiters, redaction
claude = client.Claude(api_key="k", base_url="http://127.0.0.1:9", deadline_seconds=0.5, concurrency=1)
claude.close()
assert not {"anthropic", "httpx2", "pydantic"} & set(sys.modules), "loaded"
claude.load()
assert "anthropic" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("status", "health"),
    [(400, "ill"), (401, "ill"), (404, "ill"), (413, "well"), (429, "ill"), (500, "ill"), (503, "ill"), (529, "ill")],
)
def test_a_breaker_hears_of_each_status_but_those_that_speak_of_one_question(
    api: MessagesApi, make_claude: MakeClaude, status: int, health: str
) -> None:
    api.always(Status(status, headers={"retry-after": "30"}))
    failed = failure(make_claude(deadline_seconds=20.0))  # no time for a second attempt after the pause
    assert (failed.health, failed.retry_after) == (health, 30.0)
