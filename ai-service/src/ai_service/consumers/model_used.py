"""`model.used`: record another service's call of a paid model in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.domain.usage import Tokens, Usage
from ai_service.store import usage
from ai_service.store.usage import Call


@dataclass(frozen=True)
class Used:
    """The fields of `model.used` that this service uses."""

    ticket_id: int | None
    purpose: str
    model: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_micro_usd: float | None
    request_id: str | None


def apply(session: Session, deliveries: Sequence[Delivery[Used]], _deps: object) -> None:
    """Insert the calls into the ledger."""
    usage.append(session, [_call(delivery.envelope.company_id, delivery.body) for delivery in deliveries])


def _call(company_id: int, body: Used) -> Call:
    tokens = Tokens(body.input_tokens, body.output_tokens, body.cache_read_tokens, body.cache_write_tokens)
    cost = None if body.cost_micro_usd is None else Decimal(str(body.cost_micro_usd))
    return Call(company_id, body.ticket_id, Usage(body.model, tokens, cost, body.request_id), body.purpose)


CONSUMER = Consumer("model.used", view=Used, apply=apply, queue="keep-ledger")
