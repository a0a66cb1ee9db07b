"""All services of Smart Ticket. Besides tests, only this module imports every service."""

from types import ModuleType

from ai_service import service as ai
from analytics_service import service as analytics
from api_gateway import service as gateway
from auth_service import service as auth
from rag_service import service as rag
from routing_service import service as routing
from ticket_service import service as ticket

SERVICES: dict[str, ModuleType] = {
    module.NAME: module for module in (ticket, ai, routing, analytics, auth, rag, gateway)
}
"""By name, in the order in which they are started: the gateway last."""
