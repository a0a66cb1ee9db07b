"""Uploads documents, asks questions and evaluates retrieval."""

import json
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from launcher.client import Gateway, explain
from launcher.commands.documents import is_unreadable, show_documents
from launcher.commands.tuning import tune
from launcher.questions import read_questions, save_all
from launcher.terminal import console

POLL_SECONDS = 0.3
UPLOAD_SECONDS = 120
SHOWN_MISSING = 5


@click.group()
def rag() -> None:
    """Upload documents, ask questions and evaluate retrieval."""


rag.add_command(show_documents)


@rag.command("upload")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--timeout", default=300, show_default=True, help="Seconds to wait until all can be searched; 0: don't.")
@click.pass_obj
def upload(context: dict[str, Any], files: tuple[Path, ...], timeout: int) -> None:
    """Upload FILES and wait until they can be searched, or say why one can't."""
    gateway: Gateway = context["gateway"]
    sent: dict[str, tuple[str, int]] = {}
    failed = []
    with _progress() as progress:
        for path in progress.track(files, description="uploading"):
            try:
                with path.open("rb") as data:
                    answer = gateway.send(
                        "POST", "/api/files", files={"file": (path.name, data)}, timeout=(2, UPLOAD_SECONDS)
                    )
            except click.ClickException as error:
                failed.append(f"{path.name}: {error.message}")
                continue
            except OSError as error:
                failed.append(f"{path.name}: {error.strerror or error}")
                continue
            if answer.status_code >= 400:
                failed.append(f"{path.name}: {explain(answer)}")
            else:
                item = answer.json()["item"]
                sent[item["id"]] = (path.name, item["version"])
    if timeout:
        failed += _wait(gateway, sent, timeout)
    for line in failed:
        click.echo(line, err=True)
    click.echo(f"{len(files) - len(failed)} of {len(files)} files {'can be searched' if timeout else 'were taken'}")
    if failed:
        raise click.exceptions.Exit(1)


@rag.command("ask")
@click.argument("question")
@click.pass_obj
def ask(context: dict[str, Any], question: str) -> None:
    """Ask QUESTION and print the answer with its sources."""
    gateway: Gateway = context["gateway"]
    answer = gateway.send("POST", "/rag/chat", json={"message": question}, timeout=(2, 60))
    if answer.status_code >= 400:
        raise click.ClickException(explain(answer))
    final = next(
        (
            json.loads(data.removeprefix("data: "))
            for event in answer.content.decode().split("\n\n")
            for name, _, data in [event.partition("\n")]
            if name == "event: final"
        ),
        None,
    )
    if final is None:
        raise click.ClickException("the answer broke off; ask again")
    click.echo(final["answer"])
    for source in final["sources"]:
        click.echo(f"  {source['title']} {source['locator']} ({source['score']:.2f})")


@rag.command("questions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Delete the questions saved before.")
@click.pass_obj
def save_questions(context: dict[str, Any], file: Path, replace: bool) -> None:
    """Save the questions of FILE: a JSON object a line, {"question": …, "expected": [names of files or ids, …]}."""
    gateway: Gateway = context["gateway"]
    items = read_questions(file)
    before = [item["id"] for item in gateway.every("/rag/questions")] if replace else []
    missing = save_all(gateway, items)
    # Only now, so that a file that is refused costs no question.
    for number in before:
        gateway.call("DELETE", f"/rag/questions/{number}")
    click.echo(f"{len(items)} question{'s' * (len(items) != 1)} saved; `smart-ticket rag evaluate` asks them")
    if missing:
        named = ", ".join(missing[:SHOWN_MISSING])
        more = f" and {len(missing) - SHOWN_MISSING} more" if len(missing) > SHOWN_MISSING else ""
        click.echo(
            f"these expected files don't exist, so their questions count as not answered: {named}{more}; upload them, "
            "or correct their names and save the questions again with --replace",
            err=True,
        )


@rag.command("evaluate")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 50), help="How many passages count.")
@click.option("--worst", default=5, show_default=True, help="How many of the worst questions to show.")
@click.pass_obj
def evaluate(context: dict[str, Any], k: int, worst: int) -> None:
    """Ask the saved questions and show recall, nDCG and MRR of the expected passages."""
    gateway: Gateway = context["gateway"]
    with _progress() as progress:
        task = progress.add_task("asking", total=None)
        items = []
        for item in gateway.every("/rag/evaluate", k=k):
            items.append(item)
            progress.update(task, completed=len(items))
    if not items:
        raise click.ClickException("there are no saved questions; save some with `smart-ticket rag questions FILE`")
    table = Table(box=None)
    for name in ("questions", f"recall@{k}", f"nDCG@{k}", f"MRR@{k}"):
        table.add_column(name, justify="right")
    means = [sum(item[name] for item in items) / len(items) for name in ("recall", "ndcg", "reciprocal_rank")]
    table.add_row(str(len(items)), *(f"{mean:.3f}" for mean in means))
    console().print(table)
    missed = sorted((item for item in items if item["ndcg"] < 1), key=lambda item: item["ndcg"])[:worst]
    for item in missed:
        click.echo(f"{item['ndcg']:.2f}  {item['question'][:100]}")


rag.add_command(tune)


@rag.command("rebuild")
@click.option("--timeout", default=3_600, show_default=True, help="Seconds to wait for the end.")
@click.pass_obj
def rebuild(context: dict[str, Any], timeout: int) -> None:
    """Rebuild all vectors of the company from its passages in PostgreSQL."""
    gateway: Gateway = context["gateway"]
    run = gateway.post("/rag/rebuild")
    ends = time.monotonic() + timeout
    with _progress() as progress:
        task = progress.add_task("filling", total=None)
        while run["state"] != "done":
            if time.monotonic() > ends:
                raise click.ClickException(f"not done after {timeout} s; it goes on")
            progress.update(task, completed=run["done"], total=run["total"] or None)
            time.sleep(POLL_SECONDS)
            run = gateway.get_with_retry("/rag/rebuild")
    click.echo(f"{run['done']} vectors rebuilt")


def _wait(gateway: Gateway, sent: dict[str, tuple[str, int]], timeout: int) -> list[str]:
    """Wait until every file is indexed; return an error line for each that is not."""
    failed, waiting, ends = [], dict(sent), time.monotonic() + timeout
    with _progress() as progress:
        task = progress.add_task("reading", total=len(sent))
        while waiting:
            for file, (name, version) in list(waiting.items()):
                answer = gateway.send_with_retry("GET", f"/api/documents/{file}")
                found = answer.json() if answer.status_code == 200 else None
                if found and found["version"] >= version and found["state"] in ("ready", "failed"):
                    del waiting[file]
                    if is_unreadable(found):
                        failed.append(f"{name}: {found['reason']}")
            progress.update(task, completed=len(sent) - len(waiting))
            if waiting and time.monotonic() > ends:
                return failed + [f"{name}: not ready after {timeout} s; it goes on" for name, _ in waiting.values()]
            if waiting:
                time.sleep(POLL_SECONDS)
    return failed


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
