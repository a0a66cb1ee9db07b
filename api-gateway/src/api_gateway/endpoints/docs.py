"""Renders the OpenAPI document as one HTML page without scripts or external resources."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from api_gateway.endpoints.examples import curl, example, resolved
from api_gateway.endpoints.openapi import OpenApi
from api_gateway.messages import Request, Response

STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--mark:#2b6cb0}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:2rem 1.25rem 6rem}
h1{font-size:1.9rem;margin:0}h2{font-size:1.15rem;margin:2.4rem 0 .6rem}h3{font-size:.85rem;margin:1rem 0 .3rem}
p{margin:.4rem 0}a{color:var(--mark)}nav{display:flex;flex-wrap:wrap;gap:.4rem 1.1rem;margin:1rem 0}
details{border:1px solid var(--line);border-radius:.5rem;margin:.4rem 0}
summary{cursor:pointer;padding:.55rem .8rem;display:flex;gap:.8rem;align-items:baseline;flex-wrap:wrap}
details[open]>summary{border-bottom:1px solid var(--line)}details>div{padding:.4rem .9rem 1rem}
code,pre{font:.86rem/1.5 ui-monospace,monospace}pre{background:var(--soft);border-radius:.4rem;margin:.3rem 0}
pre{overflow:auto;padding:.7rem .9rem}table{border-collapse:collapse;width:100%;font-size:.9rem}
td{border-top:1px solid var(--line);padding:.3rem .6rem .3rem 0;vertical-align:top}
b.m{font:600 .78rem ui-monospace,monospace;min-width:4.2rem;color:#fff;background:#64748b;border-radius:.3rem}
b.m{padding:.15rem .4rem;text-align:center}b.get{background:#2b6cb0}b.post{background:#2f855a}b.put{background:#b7791f}
b.patch{background:#805ad5}b.delete{background:#c53030}.old code{text-decoration:line-through}.quiet{opacity:.7}
"""
CSP = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
Document = Mapping[str, Any]


class Docs:
    """`/docs`."""

    def __init__(self, openapi: OpenApi) -> None:
        self._openapi = openapi

    def show(self, _request: Request) -> Response:
        """Show the page."""
        page = "".join(_page(self._openapi.document()))
        return Response(
            200, [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", CSP)], page.encode()
        )


def _page(document: Document) -> Iterator[str]:
    info = document["info"]
    title = escape(info["title"])
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}: the API</title>"
    yield f'<meta name=viewport content="width=device-width"><style>{STYLE}</style>'
    yield f"<h1>{title}</h1><p>{escape(info['description'])}</p>"
    yield "<p class=quiet>Errors are <code>application/problem+json</code> with a stable <code>code</code>. Lists give "
    yield "<code>next</code>, to be sent as <code>cursor</code>. Outside development mode send "
    yield '<code>Authorization: Bearer …</code>. For programs: <a href="/openapi.json">openapi.json</a>.</p>'
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            by_tag[operation["tags"][0]].append("".join(_operation(path, method, operation, document)))
    yield "<nav>"
    yield from (f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag, found in by_tag.items() if found)
    yield "</nav>"
    for tag, operations in by_tag.items():
        if operations:
            yield f'<h2 id="{escape(tag)}">{escape(tag)}</h2>'
            yield from operations


def _operation(path: str, method: str, operation: Document, document: Document) -> Iterator[str]:
    old = " class=old" if operation.get("deprecated") else ""
    yield f"<details{old}><summary><b class='m {escape(method)}'>{escape(method.upper())}</b>"
    yield f"<code>{escape(path)}</code><span class=quiet>{escape(operation.get('summary', ''))}</span></summary><div>"
    if operation.get("description"):
        yield f"<p>{escape(operation['description'])}</p>"
    if operation.get("x-roles"):
        yield f"<p class=quiet>For {escape(', '.join(operation['x-roles']))}.</p>"
    yield f"<h3>Try it</h3><pre>{escape(curl(path, method, operation, document))}</pre>"
    yield from _parameters(operation, document)
    for status, response in operation.get("responses", {}).items():
        yield from _response(str(status), resolved(response, document), document)
    yield "</div></details>"


def _parameters(operation: Document, document: Document) -> Iterator[str]:
    parameters = [resolved(parameter, document) for parameter in operation.get("parameters", [])]
    if not parameters:
        return
    yield "<h3>Parameters</h3><table>"
    for parameter in parameters:
        schema = resolved(parameter.get("schema", {}), document)
        note = parameter.get("description") or schema.get("description") or ""
        choices = " | ".join(map(str, schema.get("enum", []))) or str(schema.get("type", ""))
        needed = "" if parameter.get("required") else " <span class=quiet>optional</span>"
        yield f"<tr><td><code>{escape(parameter['name'])}</code>{needed}<td>{escape(parameter['in'])}"
        yield f"<td>{escape(choices)}<td>{escape(note)}"
    yield "</table>"


def _response(status: str, response: Document, document: Document) -> Iterator[str]:
    if not status.startswith("2"):
        return  # all problems have one form, which the page states once
    for media_type, content in response.get("content", {}).items():
        yield f"<h3>{escape(status)} <span class=quiet>{escape(media_type)}</span></h3>"
        yield f"<pre>{escape(_json(example(content.get('schema', {}), document)))}</pre>"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
