"""Only permissions to use a paid model are cached."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from rag_service.adapters.budget import CACHE_SECONDS, Budget
from service_kit.http_client import UpstreamUnavailable


class Ledger:
    """ai-service as far as budgets go."""

    def __init__(self) -> None:
        self.answer: Any = {"allowed": False}
        self.status = 200
        self.down = False
        self.asked = 0
        self.now = 0.0

    def request(self, *_: Any, **__: Any) -> Any:
        self.asked += 1
        if self.down:
            raise UpstreamUnavailable("ai-service", "refused")
        return SimpleNamespace(status=self.status, body=orjson.dumps(self.answer))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def budget(ledger: Ledger) -> Budget:
    signer = SimpleNamespace(sign=lambda *_: "token")
    return Budget(ledger, signer, "rag-service", clock=lambda: ledger.now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "refusal", [{"answer": {"allowed": False}}, {"status": 503}, {"down": True}, {"answer": []}, {"answer": {}}]
)
def test_a_refusal_holds_for_one_question(ledger: Ledger, budget: Budget, refusal: dict[str, Any]) -> None:
    vars(ledger).update(refusal)
    assert not budget.allows(1)
    vars(ledger).update(answer={"allowed": True}, status=200, down=False)
    assert budget.allows(1)


def test_a_permission_holds_for_a_while_and_for_one_company(ledger: Ledger, budget: Budget) -> None:
    ledger.answer = {"allowed": True}
    assert budget.allows(1)
    ledger.answer = {"allowed": False}
    ledger.now = CACHE_SECONDS - 1
    assert budget.allows(1)
    assert not budget.allows(2)
    ledger.now = CACHE_SECONDS + 1
    assert not budget.allows(1)
    assert ledger.asked == 3
