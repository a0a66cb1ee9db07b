"""A ticket is explained only while it exists."""

from types import SimpleNamespace
from typing import Any

import pytest
from ai_service.adapters.ticket_service import TicketServiceClient
from ai_service.domain.training import PredictionNotFound
from ai_service.usecases import explain
from ai_service.usecases.explain import Explainer
from service_kit.http_client import UpstreamTimeout, UpstreamUnavailable


@pytest.mark.parametrize(
    ("reply", "deleted"),
    [
        (404, True),
        (200, False),
        (401, False),
        (503, False),
        (UpstreamUnavailable("ticket-service", "refused"), False),
        (UpstreamTimeout("ticket-service", 1.0), False),
    ],
)
def test_only_not_found_means_that_a_ticket_is_deleted(reply: Any, deleted: bool) -> None:
    def request(_method: str, path: str, **_: Any) -> Any:
        assert path == "/api/tickets/5"
        if isinstance(reply, Exception):
            raise reply
        return SimpleNamespace(status=reply)

    signer = SimpleNamespace(sign=lambda *_: "token")
    service = TicketServiceClient(SimpleNamespace(request=request), signer, "ai-service")  # type: ignore[arg-type]
    assert service.is_deleted(1, 5) is deleted


def test_a_ticket_deleted_a_moment_ago_is_not_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain.predictions, "latest", lambda *_: {"department": "HR"})
    monkeypatch.setattr(explain.examples, "get", lambda *_: ("text", None))
    session: Any = SimpleNamespace(rollback=lambda: None)
    deleted: set[tuple[int, int]] = set()
    explainer = Explainer(lambda _company: None, None, lambda *key: key in deleted)  # type: ignore[arg-type,return-value]
    assert explainer.explain(session, 1, 5)["prediction"] == {"department": "HR"}
    deleted.add((1, 5))
    with pytest.raises(PredictionNotFound):
        explainer.explain(session, 1, 5)
