"""Shows documents: their state, what was read of them and what was left out."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from launcher.client import Gateway
from launcher.terminal import console

Document = Mapping[str, Any]
COUNTS = ("sheets", "pages", "rows", "questions", "characters")


@click.command("documents")
@click.argument("document", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the documents as JSON, one a line.")
@click.pass_obj
def show_documents(context: dict[str, Any], document: str | None, as_json: bool) -> None:
    """Show all documents: their state, what was read and what was left out. With DOCUMENT (an id or a name): its
    report in full."""
    documents = _named(context["gateway"], document) if document else context["gateway"].every("/api/documents")
    if as_json:
        for each in documents:
            click.echo(json.dumps(each, ensure_ascii=False))
    elif document:
        for each in documents:
            _show_report(each)
    else:
        _show_table(documents)


def is_unreadable(document: Document) -> bool:
    """Return whether the newest version of a document can't be read, even if an older one still answers."""
    return document["state"] == "failed" or (document["state"] == "ready" and bool(document["reason"]))


def _named(gateway: Gateway, wanted: str) -> list[Document]:
    found = [each for each in gateway.every("/api/documents") if wanted in (each["id"], each["name"])]
    if not found:
        raise click.ClickException(f"there is no document {wanted}; `smart-ticket rag documents` shows all")
    return found


def _show_table(documents: Iterable[Document]) -> None:
    table = Table(box=None)
    for name in ("name", "kind", "state", "passages", "read", "left out or reason"):
        table.add_column(name, justify="right" if name == "passages" else "left")
    for each in documents:
        passages = f"{each['chunks_processed']} …" if each["state"] == "reading" else str(each["chunks"])
        shown = [each["reason"]] if each["reason"] else []
        shown += [f"{_words(left['code'])} ({_number(left['count'])})" for left in _left_out(each)]
        row = (each["name"], each["kind"], each["state"], passages, _read(each), "; ".join(shown))
        table.add_row(*map(escape, row))
    console().print(table)


def _show_report(document: Document) -> None:
    searchable = document["searchable_version"]
    click.echo(f"{document['name']} ({document['kind']}, {document['id']})")
    click.echo(f"  state     {document['state']}, version {document['version']}")
    if searchable is not None and searchable != document["version"]:
        click.echo(f"  answers   version {searchable}")
    if document["reason"]:
        click.echo(f"  reason    {document['reason']}")
    report = document["report"]
    if report is None:
        if searchable is not None:
            click.echo("  read      before reports were kept; upload it again for one")
        return
    click.echo(f"  read      {_counted(report['read']['passages'], 'passages')}; {_read(document)}")
    if report["read"]["languages"]:
        shares = (f"{language} {share:.0%}" for language, share in report["read"]["languages"].items())
        click.echo(f"  language  {', '.join(shares)}")
    if not report["left_out"]:
        click.echo("  left out  nothing")
    for left in report["left_out"]:
        click.echo(f"  left out  {_words(left['code'])} ({_number(left['count'])}): {left['reason']}")


def _read(document: Document) -> str:
    """Return what was read in one line, such as `3 sheets, 1,204 rows, 48,211 characters`."""
    read = (document["report"] or {}).get("read", {})
    shown = ((read.get(name), name) for name in COUNTS)
    return ", ".join(_counted(count, name) for count, name in shown if count)


def _counted(count: int, names: str) -> str:
    return f"{_number(count)} {names if count != 1 else names[:-1]}"


def _left_out(document: Document) -> list[Mapping[str, Any]]:
    left_out: list[Mapping[str, Any]] = (document["report"] or {}).get("left_out", [])
    return left_out


def _words(code: str) -> str:
    return code.replace("_", " ")


def _number(count: int) -> str:
    return f"{count:,}"
