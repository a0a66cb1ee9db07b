"""After five failures in a row Claude is not called for half a minute; questions that it can't answer don't count."""

from dataclasses import dataclass, field

import pytest
from model_kit.claude.circuit_breaker import ask_through, claude_breaker
from model_kit.claude.failure import ClaudeFailed
from service_kit.circuit_breaker import CircuitBreaker

TIMEOUT = ClaudeFailed("timeout", "ill")


@dataclass
class ScriptedClaude:
    """Returns "yes" or raises the given failure; its clock is set by hand."""

    failure: Exception | None = None
    calls: int = 0
    now: float = 100.0
    breaker: CircuitBreaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = claude_breaker(lambda: self.now)

    def ask(self) -> str:
        """Ask through the breaker; return the reply, or the failure's kind or type."""
        try:
            return ask_through(self.breaker, self._reply)
        except ClaudeFailed as failure:
            return failure.kind
        except Exception as error:
            return type(error).__name__

    def fail(self, times: int, failure: Exception = TIMEOUT) -> None:
        self.failure = failure
        for _ in range(times):
            self.ask()

    def _reply(self) -> str:
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        return "yes"


def test_after_five_failures_claude_is_not_called_for_half_a_minute() -> None:
    claude = ScriptedClaude()
    claude.fail(5)
    assert claude.ask() == "breaker_open"
    assert claude.calls == 5
    claude.now += 31
    claude.failure = None
    assert [claude.ask(), claude.ask()] == ["yes", "yes"]


def test_a_server_that_asks_for_a_longer_pause_is_called_again_after_it() -> None:
    claude = ScriptedClaude()
    claude.fail(5, ClaudeFailed("overloaded_error", "ill", retry_after=50))
    claude.now += 45
    assert claude.ask() == "breaker_open"
    claude.now += 6
    assert claude.ask() == "overloaded_error"


def test_a_failed_probe_begins_another_pause_of_the_same_length() -> None:
    claude = ScriptedClaude()
    claude.fail(5)
    for calls in (6, 7):
        claude.now += 31
        claude.ask()
        claude.ask()
        assert claude.calls == calls


def test_questions_without_an_answer_do_not_open_the_breaker() -> None:
    claude = ScriptedClaude()
    claude.fail(20, ClaudeFailed("refused", "well"))
    assert claude.calls == 20


def test_a_failure_on_our_side_is_neither_a_failure_nor_a_success_of_claude() -> None:
    """If `busy` counted as a success, callers waiting for a free slot would hide an outage."""
    claude = ScriptedClaude()
    claude.fail(4)
    claude.fail(1, ClaudeFailed("busy", "unknown"))
    claude.fail(1)
    assert claude.ask() == "breaker_open"


@pytest.mark.parametrize("error", [ValueError("surprise"), RecursionError()])
def test_any_other_exception_is_a_failure(error: Exception) -> None:
    claude = ScriptedClaude()
    claude.fail(7, error)
    assert claude.calls == 5
