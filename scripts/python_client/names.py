"""The name of an operation in the client, from its method and path: `POST /api/tickets` is `tickets.create`."""

LEFT_OUT = frozenset(
    {
        "/", "/docs", "/docs/{file}", "/problems", "/problems/{code}", "/openapi.json", "/metrics", "/health", "/ready",
        "/api/changes", "/api/ws-tickets", "/ws/tickets/{ticket_id}", "/ws/comments/{ticket_id}", "/ws/notifications",
        "/webhooks/email/inbound/{provider}",
    }
)  # fmt: skip
"""Paths that a program doesn't call, for browsers, monitoring and providers of mail; real time needs another client."""
NAMED = {
    ("GET", "/.well-known/jwks.json"): ("auth", "get_keys"),
    ("POST", "/api/analyze"): ("ai", "analyze"),
    ("POST", "/api/categorize"): ("ai", "categorize"),
    ("DELETE", "/api/jobs/{job_id}"): ("jobs", "cancel"),
    ("POST", "/api/refill/{queue}"): ("dead_letters", "refill"),
    ("POST", "/api/route"): ("routing", "assign"),
    ("PUT", "/api/route/{ticket_id}"): ("routing", "reassign"),
    ("DELETE", "/api/sessions"): ("sessions", "delete_all"),
    ("POST", "/api/tickets/bulk"): ("tickets", "create_many"),
    ("POST", "/api/tickets/{ticket_id}/attachments"): ("tickets", "add_attachment"),
    ("POST", "/api/tickets/{ticket_id}/comments"): ("tickets", "add_comment"),
    ("GET", "/api/comments/{comment_id}/files/{file_id}/content"): ("comments", "get_file_content"),
    ("PATCH", "/api/tickets/bulk"): ("tickets", "update_many"),
    ("POST", "/api/tickets/{ticket_id}/macros/{macro_id}"): ("tickets", "apply_macro"),
    ("GET", "/api/webhooks/deliveries"): ("webhooks", "list_all_deliveries"),
    ("POST", "/api/webhooks/deliveries/{delivery_id}/replay"): ("webhooks", "replay_any"),
    ("POST", "/api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"): ("webhooks", "replay"),
}
"""The operations whose names the rules below don't find."""
STREAMS = frozenset({("POST", "/rag/chat")})
"""The operations that answer server-sent events."""
GROUPS = {"tickets": "customer_tickets"}
"""The groups of paths that don't begin with `/api/`; other groups have the name of the first segment."""
BARE = {"POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
WITH_WORDS = {"PUT": "set", "PATCH": "update", "DELETE": "delete"}


def is_parameter(segment: str) -> bool:
    """Return whether a segment of a path is a parameter."""
    return segment.startswith("{")


def name_of(method: str, path: str, *, in_a_list: bool) -> tuple[str, str]:
    """Return group and name of an operation; a GET of rows is `list…` instead of `get…`.

    `in_a_list`: a GET of the same path answers rows, so that a POST adds one.
    """
    if (method, path) in NAMED:
        return NAMED[method, path]
    segments = path.strip("/").split("/")
    if segments[0] == "api":
        group, *rest = segments[1:]
    else:
        group, *rest = [GROUPS.get(segments[0], segments[0]), *segments[1:]]
    words = "_".join(_word(segment) for segment in rest if not is_parameter(segment))
    of_row = is_parameter(segments[-1])
    if method == "GET":
        verb = "get"
    elif not words:
        verb = BARE[method]
    elif method == "POST":
        verb = "add" if in_a_list else ""
    else:
        verb = "remove" if method == "DELETE" and of_row else WITH_WORDS[method]
    return _word(group), "_".join(part for part in (verb, words) if part)


def _word(segment: str) -> str:
    return segment.replace("-", "_").replace(".", "_").lower()
