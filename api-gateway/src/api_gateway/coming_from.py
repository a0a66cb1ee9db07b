"""The text of docs/coming-from.md, the guide for users of older systems; `make docs` writes it."""

from collections.abc import Iterator

from api_gateway.aliases import ALIASES, DJANGO, FLOW, MICROSERVICES, TRACKER, Alias

INTRODUCTION = """# Coming from another system

<!-- Written by `make docs`; change api_gateway/aliases.py instead. -->

Smart Ticket unites what four systems did. The gateway at `http://localhost:5000` serves everything.
Errors are `application/problem+json` everywhere, lists are paged by `cursor` and `limit`, times are RFC 3339 in UTC.

**Accepted** addresses work unchanged. Their responses have our form; so have their requests, except for the names in
the table. **Same job** names the call to use instead where an address or its body can't be translated without guessing.
"""

ABOUT = {
    MICROSERVICES: """Every address of it works unchanged. What differs: lists have `next` besides `count` and
`tickets`; there are five statuses instead of three; routing an unknown ticket is 404; percentages add up to 100.""",
    FLOW: """`POST /tickets`, `GET /tickets/{uuid}` and `GET /tickets/{uuid}/events` work unchanged. A missing field is
400 (it was 422). Lists give no totals and no page numbers.""",
    DJANGO: """Its three services are one API here. The caller decides the company; if an address or a body names
one, it must be the caller's. `client` is the `customer_id` of the ticket. Statuses are ours instead of a workflow's
step names.""",
    TRACKER: """A slash at the end of an address is accepted everywhere. `status` of workflows is `state` here.""",
}

SAME_JOB = {
    MICROSERVICES: (
        ("GET :5001/health … :5006/health", "the same ports with compose; `GET /api/health` for all of them at once"),
        ("GET /api/statuses", "`GET /api/statuses`, five of them"),
    ),
    FLOW: (
        ("GET /metrics", "`GET /metrics`, of all services and their replicas"),
        ("GET /health", "`GET /health`; `GET /api/health` includes the database and the queue"),
        ("python -m src.worker.main", "`docker compose up -d --scale ai-service=3`"),
        ("queue `ticket_processing_dead`", "`GET /api/dead-letters`, `smart-ticket dead-letters`"),
    ),
    DJANGO: (
        (
            "GET /ticket-log/List",
            "`GET /api/tickets/{id}/events`, one ticket at a time; also for `/ticket-log/search/{id}`",
        ),
        ("POST /ticket-log/create", "nothing: each change writes its own entry"),
        (
            "POST /ticket/Assign-Ticket-team/{id} {team_id}",
            "`PUT /api/route/{id} {department, team_id}`, or `PATCH /api/tickets/{id} {team}` by the team's name",
        ),
        ("GET /ticket/assign-user-Tickets/{id}", "`GET /api/tasks?assigned_user=ADDRESS`"),
        (
            "POST /company/toggle_auto_assign/{id}/",
            "`PATCH /api/companies/{id} {auto_assign: true}`, not the opposite of before",
        ),
        ("POST /company/toggle_auto_categorize/{id}/", "`PATCH /api/companies/{id} {auto_categorize: true}`"),
        ("POST /company/toggle_auto_prioritize/{id}/", "`PATCH /api/companies/{id} {auto_prioritize: true}`"),
        ("POST /company/create", "`POST /api/auth/register {email, username, password, company}` founds one"),
        ("DELETE /company/delete/{id}", "nothing yet: a caller sees its own company alone; also for `company_email`"),
        ("GET /team/List-members/{company}", "`GET /api/teams`, each with its members"),
        (
            "POST /team/createMember",
            "`POST /api/teams/{id}/members {email, name, role}`; also for `/team/add-user/{user}`",
        ),
        ("PUT /team/activate/{user}", "`PATCH /api/users/{id} {is_active}`; also for `/team/deactivate/{user}`"),
        (
            "POST /authentication/register",
            "`POST /api/auth/register {email, username, password, invitation}`: an invitation instead of `company_id`",
        ),
        ("POST /authentication/logout", "`POST /api/auth/logout {refresh_token}`, of `POST /api/auth/login`"),
        ("GET /reporting/…", "`GET /api/analytics/performance`, `GET /api/analytics/trends`"),
        ("POST /ticket/{id}/advance-status", "`POST /api/tickets/{id}/advance-status`"),
    ),
    TRACKER: (
        ("GET /health/", "`GET /health`, `GET /ready`"),
        ("error body `{error, details, code, timestamp}`", "`{title, detail, errors, code, request_id}`"),
        ("POST /workflows/", "`POST /api/workflows`, with its `steps` and `transitions` in the same body"),
        ("GET /workflows/?category=…", "`GET /api/workflows`, which has no filter by category"),
        ("GET /steps/weights/workflow/{id}/", "`GET /api/workflows/{id}`, the `weight` of each step"),
        ("PUT /steps/weights/workflow/{id}/", "`PUT /api/workflows/{id}`, the whole workflow with the new weights"),
        ("POST /tasks/", "nothing: every ticket gets its task; `POST /api/workflows/unmatched/{ticket_id}/assign`"),
        ("POST /transitions/ {task_id, transition_id, notes}", "`POST /api/tasks/{id}/transition {to, notes}`"),
        ("POST /tasks/escalate/ {task_item_id, reason}", "`POST /api/tasks/{id}/escalate {reason}`"),
        ("POST /tasks/transfer/ {user_id, task_item_id, notes}", "`POST /api/tasks/{id}/transfer {user_id, notes}`"),
        ("GET /tasks/detail/{item}/", "`GET /api/tasks/{id}`, which leaves the status as it is"),
        ("GET /tasks/workflow-visualization/", "`GET /api/workflows/{id}/graph`, `GET /api/tasks/{id}` for its step"),
        ("GET /tasks/all-tasks/", "`GET /api/tasks`; `GET /tasks/logs/` is `history` of `GET /api/tasks/{id}`"),
        ("queue `TICKET_TASKS_PRODUCTION`", "the same queue, or `POST /api/hdts/tickets` ([HDTS](hdts.md))"),
        ("queue `TICKET_TASKS_PRODUCTION_DLQ`", "the same queue: `smart-ticket hdts refused`"),
    ),
}


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *_systems()]) + "\n"


def _systems() -> Iterator[str]:
    for system in (MICROSERVICES, FLOW, DJANGO, TRACKER):
        yield f"## {system}\n\n{ABOUT[system]}\n"
        accepted = [alias for alias in ALIASES if alias.came_from == system]
        if accepted:
            yield "| accepted | is ours |\n|---|---|"
            yield from (f"| `{alias.method} {alias.pattern}` | {_meaning(alias)} |" for alias in accepted)
            yield ""
        yield "| theirs | same job |\n|---|---|"
        yield from (f"| {_quoted(theirs)} | {ours} |" for theirs, ours in SAME_JOB[system])
        yield ""


def _meaning(alias: Alias) -> str:
    renamed = "".join(f", `{theirs}` is `{ours}`" for theirs, ours in alias.query.items())
    renamed += "".join(f", `{theirs}` of the body is `{ours}`" for theirs, ours in alias.fields.items())
    renamed += "".join(f", `{theirs}` is `{ours}` of the query" for theirs, ours in alias.parameters.items())
    renamed += "".join(f", `{ours}` of the response is `{theirs}`" for theirs, ours in alias.answer.items())
    renamed += f", `{alias.company}` must be the caller's, else 404" if alias.company else ""
    renamed += ", `page=1` is the first page, later ones by `cursor`" if alias.numbered_pages else ""
    body = f" `{alias.body.decode()}`" if alias.body else ""
    return f"`{alias.to_method} {alias.to_pattern}`{body}{renamed}"


def _quoted(text: str) -> str:
    return text if "`" in text else f"`{text}`"
