"""HTTP to neighbours that may be slow, down or gone."""

from service_kit.calls.breaker import Breaker, BreakerOpen
from service_kit.calls.call import NeighbourDown, NeighbourSlow
from service_kit.calls.neighbour import Answer, Neighbour
from service_kit.calls.statuses import GATEWAY_ERRORS, SERVER_ERRORS, retry_after_seconds

__all__ = [
    "GATEWAY_ERRORS",
    "SERVER_ERRORS",
    "Answer",
    "Breaker",
    "BreakerOpen",
    "Neighbour",
    "NeighbourDown",
    "NeighbourSlow",
    "retry_after_seconds",
]
