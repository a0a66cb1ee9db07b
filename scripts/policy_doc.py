"""What `make docs` writes of the declared policy: docs/policy.md."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from smartticket_contracts import policy

PAGE = Path(__file__).resolve().parents[1] / "docs" / "policy.md"

INTRODUCTION = """# Who may do what

Written by `make docs` from `contracts/policy.yaml`; change that file, not this one.

For every route and role, what a request gets by whose data it names: **own** / **same company** / **other company**.
The data is the row that the address names or, of a list, a row that belongs in it (absent counts as 404). A row with a
field in brackets is about the data that this field of the body or the query names. One answer alone: the request names
no such data. 404 in the row of a field of the body means: the answer is the same as to what doesn't exist. That is 404
for `company_id`; for other fields, such as `calendar_id`, `user_id` or `user_email`, it is 400 with the field's name,
or 404. Every service has a test that sends a request for each cell and compares; a route without a row here, or a row
without a route, fails `make test`. Without a token all these routes answer 401.

`yes` is allowed, `operator` is allowed for the company `OPERATOR_COMPANY_ID` alone. Needing no token: {public}.
"""


def documents() -> dict[Path, str]:
    """Return the text of the page."""
    return {PAGE: page()}


def page() -> str:
    """Return the page as Markdown."""
    routes = policy.public_routes() | policy.gateway_public_routes()
    public = ", ".join(f"`{route}`" for route in sorted(routes))
    return "\n".join([INTRODUCTION.format(public=public), *_tables()]) + "\n"


def _tables() -> Iterator[str]:
    for service in policy.services():
        shared = policy.shared_rows(service)
        yield from _table(service, [row for row in policy.rows(service) if row not in shared])
    yield from _table("api-gateway", policy.gateway_rows())
    yield from _table("Every service", policy.shared_rows(""))


def _table(title: str, rows: Sequence[policy.Row]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| route | " + " | ".join(policy.roles()) + " |"
    yield "|---" * (len(policy.roles()) + 1) + "|"
    for row in rows:
        yield f"| `{row.key}` | " + " | ".join(cell(row, role) for role in policy.roles()) + " |"
    yield ""


def cell(row: policy.Row, role: str) -> str:
    """Return a cell: the answers by target, once where all are equal."""
    if row.words[role] == policy.OPERATOR:
        return policy.OPERATOR
    shown = ["yes" if answer == policy.ALLOWED else answer for answer in row.answers(role)]
    return shown[0] if len(set(shown)) == 1 else " / ".join(shown)
