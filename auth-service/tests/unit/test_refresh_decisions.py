"""What becomes of a presented refresh token: each case, and any order of cases."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from auth_service.domain.session import (
    GRACE,
    IDLE_DAYS,
    SESSION_DAYS,
    Answer,
    EndReason,
    RefreshToken,
    UserSession,
    answer_to,
    idle_expiry,
    session_expiry,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

BEGIN = datetime(2026, 11, 29, 12, tzinfo=UTC)
SESSION = UserSession(
    company_id=1,
    id=uuid4(),
    user_id=7,
    device="",
    address="",
    created_at=BEGIN,
    last_used_at=BEGIN,
    expires_at=session_expiry(BEGIN),
    ended_at=None,
    end_reason=None,
)
UNUSED = RefreshToken(None, None, idle_expiry(BEGIN, SESSION.expires_at))
USED = replace(UNUSED, used_at=BEGIN, successor_sealed=b"sealed")
ENDED = replace(SESSION, ended_at=BEGIN, end_reason=EndReason.LOGOUT)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("session", "token", "successor_used", "after", "answer"),
    [
        (SESSION, UNUSED, False, SECOND, Answer.ROTATE),
        (SESSION, UNUSED, False, timedelta(days=IDLE_DAYS) - SECOND, Answer.ROTATE),
        (SESSION, UNUSED, False, timedelta(days=IDLE_DAYS), Answer.REFUSE),
        (SESSION, USED, False, GRACE, Answer.REPEAT),
        (SESSION, USED, True, GRACE, Answer.REFUSE),
        (SESSION, USED, False, GRACE + SECOND, Answer.KILL),
        (SESSION, USED, True, GRACE + SECOND, Answer.KILL),
        (SESSION, USED, False, timedelta(days=IDLE_DAYS), Answer.KILL),
        (SESSION, USED, False, timedelta(days=SESSION_DAYS), Answer.REFUSE),
        (ENDED, UNUSED, False, SECOND, Answer.REFUSE),
        (ENDED, USED, False, SECOND, Answer.REFUSE),
        (ENDED, USED, False, GRACE + SECOND, Answer.REFUSE),
    ],
)
def test_each_case_has_its_answer(
    session: UserSession, token: RefreshToken, successor_used: bool, after: timedelta, answer: Answer
) -> None:
    assert answer_to(session, token, successor_used=successor_used, now=BEGIN + after) is answer


def test_no_token_outlives_its_session() -> None:
    late = SESSION.expires_at - timedelta(days=1)
    assert idle_expiry(late, SESSION.expires_at) == SESSION.expires_at
    assert idle_expiry(BEGIN, SESSION.expires_at) == BEGIN + timedelta(days=IDLE_DAYS)


@dataclass
class Issued:
    """A token of the family: its row, and the place of its successor."""

    row: RefreshToken
    successor: int | None = None


class Family(RuleBasedStateMachine):
    """Tokens of one session, presented in any order at any time, as a store keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.session = SESSION
        self.tokens = [Issued(UNUSED)]

    @rule(seconds=st.one_of(st.integers(0, 12), st.integers(0, 20 * 86_400)))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    @rule(back=st.integers(0, 4))
    def present(self, back: int) -> None:
        """Present one of the newest tokens; an older one was perhaps stolen."""
        place = max(len(self.tokens) - 1 - back, 0)
        token = self.tokens[place]
        successor = None if token.successor is None else self.tokens[token.successor]
        successor_used = successor is not None and successor.row.used_at is not None
        answer = answer_to(self.session, token.row, successor_used=successor_used, now=self.now)
        alive = self.session.ended_at is None and self.now < self.session.expires_at
        if not alive:
            assert answer is Answer.REFUSE
        elif answer is Answer.ROTATE:
            assert place == len(self.tokens) - 1, "only the newest token is exchanged"
            token.row = replace(token.row, used_at=self.now, successor_sealed=b"sealed")
            token.successor = len(self.tokens)
            self.tokens.append(Issued(RefreshToken(None, None, idle_expiry(self.now, self.session.expires_at))))
        elif answer is Answer.REPEAT:
            assert token.successor == len(self.tokens) - 1, "only the newest token is given again"
            assert token.row.used_at is not None
            assert self.now - token.row.used_at <= GRACE
        elif answer is Answer.KILL:
            assert token.row.used_at is not None
            assert self.now - token.row.used_at > GRACE
            self.session = replace(self.session, ended_at=self.now, end_reason=EndReason.REUSE)
        elif token.row.used_at is None:
            assert self.now >= token.row.idle_expires_at, "an owner with a fresh token is never refused"

    @precondition(lambda self: self.session.ended_at is None)
    @rule()
    def log_out(self) -> None:
        """End the session."""
        self.session = replace(self.session, ended_at=self.now, end_reason=EndReason.LOGOUT)

    @invariant()
    def one_token_is_unused(self) -> None:
        """The family never forks: all tokens but the newest were used."""
        assert [token.row.used_at is None for token in self.tokens] == [False] * (len(self.tokens) - 1) + [True]


Family.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestFamily = Family.TestCase
