"""The allow-list: which routes the gateway forwards, and to which service. A route that isn't listed is 404.

The gateway authenticates the caller (401); the services check the caller's role (403) and every field (400).
"""

from dataclasses import dataclass

TICKETS, AI, ROUTING = "ticket-service", "ai-service", "routing-service"
ANALYTICS, AUTH, RAG = "analytics-service", "auth-service", "rag-service"


@dataclass(frozen=True)
class Route:
    """One method of one address, answered by a service."""

    method: str
    pattern: str
    service: str
    """A service's name; or `{parameter}`: the parameter's value up to its first dot is the service's name."""
    path: str = ""
    """The path at the service, if it differs from `pattern`."""
    waits: bool = False
    """`Prefer: wait=n` extends the deadline by n seconds."""
    upload: bool = False
    """The body may be a file."""


ROUTES = (
    Route("POST", "/api/tickets", TICKETS, waits=True),
    Route("GET", "/api/tickets", TICKETS),
    Route("GET", "/api/tickets/{ticket_id}", TICKETS),
    Route("PATCH", "/api/tickets/{ticket_id}", TICKETS),
    Route("PUT", "/api/tickets/{ticket_id}", TICKETS),
    Route("DELETE", "/api/tickets/{ticket_id}", TICKETS),
    Route("PUT", "/api/tickets/{ticket_id}/status", TICKETS),
    Route("GET", "/api/tickets/{ticket_id}/events", TICKETS),
    Route("POST", "/tickets", TICKETS, waits=True),
    Route("GET", "/tickets/{uuid}", TICKETS),
    Route("GET", "/tickets/{uuid}/events", TICKETS),
    Route("GET", "/api/departments/{name}/tickets", TICKETS),
    Route("POST", "/api/files", TICKETS, upload=True),
    Route("GET", "/api/files", TICKETS),
    Route("GET", "/api/files/{file_id}", TICKETS),
    Route("GET", "/api/files/{file_id}/content", TICKETS),
    Route("DELETE", "/api/files/{file_id}", TICKETS),
    Route("POST", "/api/categorize", AI),
    Route("POST", "/api/analyze", AI),
    Route("GET", "/api/tickets/{ticket_id}/explanation", AI),
    Route("GET", "/api/training", AI),
    Route("GET", "/api/training/status", AI),
    Route("POST", "/api/training", AI),
    Route("GET", "/api/training/{run_id}", AI),
    Route("GET", "/api/training/{run_id}/export", AI),
    Route("GET", "/api/models", AI),
    Route("POST", "/api/models/rollback", AI),
    Route("POST", "/api/models/{version}/promote", AI),
    Route("GET", "/api/evaluation", AI),
    Route("POST", "/api/evaluation", AI, upload=True),
    Route("POST", "/api/evaluation/backtest", AI),
    Route("PUT", "/api/evaluation/shadow", AI),
    Route("GET", "/api/evaluation/{number}", AI),
    Route("GET", "/api/evaluation/{number}/reliability.png", AI),
    Route("GET", "/api/ai/settings", AI),
    Route("PUT", "/api/ai/settings", AI),
    Route("GET", "/api/ai/costs", AI),
    Route("GET", "/api/priority-rules", AI),
    Route("POST", "/api/priority-rules", AI),
    Route("GET", "/api/priority-rules/report", AI),
    Route("PUT", "/api/priority-rules/{rule_id}", AI),
    Route("DELETE", "/api/priority-rules/{rule_id}", AI),
    Route("GET", "/api/departments", ROUTING),
    Route("POST", "/api/departments", ROUTING),
    Route("GET", "/api/departments/{name}", ROUTING),
    Route("PUT", "/api/departments/{name}", ROUTING),
    Route("DELETE", "/api/departments/{name}", ROUTING),
    Route("POST", "/api/route", ROUTING),
    Route("PUT", "/api/route/{ticket_id}", ROUTING),
    Route("GET", "/api/routing/statistics", ROUTING),
    Route("GET", "/api/routing/history/{ticket_id}", ROUTING),
    Route("GET", "/api/dashboard/summary", ANALYTICS),
    Route("GET", "/api/dashboard/routing", ANALYTICS),
    Route("GET", "/api/analytics/performance", ANALYTICS),
    Route("GET", "/api/analytics/trends", ANALYTICS),
    Route("GET", "/api/analytics/tickets", ANALYTICS),
    Route("GET", "/api/analytics/models", ANALYTICS),
    Route("GET", "/api/analytics/department/{name}", ANALYTICS),
    Route("POST", "/api/analytics/rebuild", ANALYTICS),
    Route("GET", "/api/analytics/rebuild", ANALYTICS),
    Route("GET", "/rag/health", RAG),
    Route("POST", "/rag/retrieve", RAG),
    Route("POST", "/rag/solution", RAG),
    Route("POST", "/rag/chat", RAG),
    Route("POST", "/rag/events", RAG),
    Route("POST", "/rag/answers", RAG),
    Route("GET", "/rag/answers", RAG),
    Route("DELETE", "/rag/answers/{number}", RAG),
    Route("POST", "/rag/questions", RAG),
    Route("GET", "/rag/questions", RAG),
    Route("DELETE", "/rag/questions", RAG),
    Route("DELETE", "/rag/questions/{number}", RAG),
    Route("GET", "/rag/evaluate", RAG),
    Route("POST", "/rag/rebuild", RAG),
    Route("GET", "/rag/rebuild", RAG),
    Route("GET", "/api/documents", RAG),
    Route("GET", "/api/documents/{document_id}", RAG),
    Route("GET", "/api/companies", AUTH),
    Route("GET", "/api/companies/{company_id}", AUTH),
    Route("PATCH", "/api/companies/{company_id}", AUTH),
    Route("PUT", "/api/companies/{company_id}", AUTH),
    Route("GET", "/api/teams", AUTH),
    Route("POST", "/api/teams", AUTH),
    Route("GET", "/api/teams/{team_id}", AUTH),
    Route("PATCH", "/api/teams/{team_id}", AUTH),
    Route("PUT", "/api/teams/{team_id}", AUTH),
    Route("DELETE", "/api/teams/{team_id}", AUTH),
    Route("GET", "/api/teams/{team_id}/members", AUTH),
    Route("POST", "/api/teams/{team_id}/members", AUTH),
    Route("DELETE", "/api/teams/{team_id}/members/{email}", AUTH),
    Route("GET", "/api/dead-letters/{service}/{id}", "{service}", path="/api/dead-letters/{id}"),
    Route("POST", "/api/dead-letters/{service}/{id}/replay", "{service}", path="/api/dead-letters/{id}/replay"),
    Route("POST", "/api/dead-letters/{service}/{id}/discard", "{service}", path="/api/dead-letters/{id}/discard"),
    Route("POST", "/api/refill/{queue}", "{queue}"),
)
