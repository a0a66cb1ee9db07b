"""`model.promoted`: another model serves a company, or none does any more."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class Promoted:
    """The fields of `model.promoted` that this service uses."""

    version: str | None
    run_id: int | None
    examples: int
    accuracy: float | None
    macro_f1: float | None
    promoted_at: str


CONSUMER = replica_consumer("serving_models", view=Promoted, event_types=("model.promoted",), queue="count-models")
