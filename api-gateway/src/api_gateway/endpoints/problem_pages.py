"""The pages that the `type` of problems leads to: one per code, and a list of all."""

from collections.abc import Iterable
from html import escape
from http import HTTPStatus
from string import Template

from service_kit.http.problems import PROBLEMS, NotFound
from smartticket_contracts.problems import Kind, kinds

from api_gateway.messages import Request, Response

CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<h1>$title</h1>
$content
</html>
""")


def show_all(_request: Request) -> Response:
    """List all kinds of problems."""
    items = [f'<li><a href="{PROBLEMS}{kind.code}">{kind.code}</a>: {_text(kind.when)}</li>' for kind in _sorted()]
    return _page("Problems", "\n".join(["<ul>", *items, "</ul>"]))


def show(request: Request) -> Response:
    """Show what a code means and what to do; raise NotFound for an unknown one."""
    kind = kinds().get(request.params["code"])
    if kind is None:
        raise NotFound("There is no such kind of problem.", code="problem_not_found")
    statuses = ", ".join(f"{status} {HTTPStatus(status).phrase}" for status in kind.statuses)
    lines = (statuses, kind.when, f"What to do: {kind.advice}")
    content = "\n".join(f"<p>{_text(line)}</p>" for line in lines)
    return _page(kind.code, f'{content}\n<p><a href="{PROBLEMS.rstrip("/")}">All problems</a></p>')


def _sorted() -> Iterable[Kind]:
    return sorted(kinds().values(), key=lambda kind: kind.code)


def _text(text: str) -> str:
    return escape(text.replace("`", ""), quote=False)


def _page(title: str, content: str) -> Response:
    body = PAGE.substitute(title=title, content=content)
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", CSP)]
    return Response(200, headers, body.encode())
