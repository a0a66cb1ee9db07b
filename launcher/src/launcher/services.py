"""All services of Smart Ticket. Besides tests, only this module imports every service."""

from ai_service.service import SERVICE as AI
from analytics_service.service import SERVICE as ANALYTICS
from api_gateway.service import SERVICE as GATEWAY
from auth_service.service import SERVICE as AUTH
from rag_service.service import SERVICE as RAG
from routing_service.service import SERVICE as ROUTING
from service_kit.runnable import RunnableService
from ticket_service.service import SERVICE as TICKET

_ALL: tuple[RunnableService, ...] = (TICKET, AI, ROUTING, ANALYTICS, AUTH, RAG, GATEWAY)
SERVICES: dict[str, RunnableService] = {service.name: service for service in _ALL}
"""By name, in the order in which they are started: the gateway last."""
