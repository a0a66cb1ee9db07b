"""Plays another help desk that sends its tickets, and shows those that were refused."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import IO, Any
from urllib.parse import quote, urlsplit

import click
from rich.markup import escape
from rich.table import Table
from service_kit.settings import BadSettings, Reader

from launcher.terminal import console

TASK = "tickets.tasks.receive_ticket"
HTTP_PATH = "/api/hdts/tickets"
QUEUE = "TICKET_TASKS_PRODUCTION"
NO_QUEUE = (
    "no queue is known: give --queue-url amqp://user:password@host:5672/, or set HDTS_BROKER_URL or RABBITMQ_URL. "
    "A system that `smart-ticket up` has started has no RabbitMQ and no such queue: send with --http, that is POST "
    f"{HTTP_PATH} (docs/hdts.md)"
)

queue_options = (
    click.option(
        "--queue-url", help="Address of RabbitMQ (HDTS_BROKER_URL, RABBITMQ_URL, or RABBITMQ_HOST and so on)."
    ),
    click.option("--queue", default="", help=f"Name of the queue (HDTS_QUEUE, else {QUEUE})."),
)


def with_queue(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the queue to a command, and say in a sentence where the broker can't be used."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        from pika.exceptions import AMQPError

        # It warns of a queue that is missing, which is then declared.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        try:
            command(*arguments, **options)
        except (AMQPError, OSError) as error:
            detail = str(error) or type(error).__name__
            raise click.ClickException(f"RabbitMQ can't be used: {detail}") from error

    for option in reversed(queue_options):
        run = option(run)
    return run


@click.group()
def hdts() -> None:
    """Tickets of another help desk (HDTS): send some as it would, show the refused ones."""


@hdts.command()
@click.argument("file", type=click.File("rb"))
@click.option("--plain", is_flag=True, help="Send plain JSON instead of Celery's protocol 2.")
@click.option("--secret", help="Sign each message (HDTS_SECRET; of several the first).")
@click.option("--http", "by_http", is_flag=True, help=f"Send to POST {HTTP_PATH} of the gateway, without a queue.")
@with_queue
@click.pass_obj
def send(
    context: dict[str, Any],
    file: IO[bytes],
    plain: bool,
    secret: str | None,
    by_http: bool,
    queue_url: str | None,
    queue: str,
) -> None:
    """Send the tickets of FILE (- for standard input): a JSON object, a list of them, or one a line.

    \b
    A ticket needs ticket_id, title, category, sub_category and priority:
      {"ticket_id": "HD-1", "title": "Laptop does not start", "category": "Hardware",
       "sub_category": "Laptop", "priority": "high"}
    """
    tickets = list(read_tickets(file.read()))
    if not tickets:
        raise click.ClickException("the file has no ticket; nothing was sent")
    if by_http:
        _send_by_http(context["gateway"], tickets)
        return
    from external_kit.refused_messages import publish

    settings = _settings()
    key = (secret or settings.text("HDTS_SECRET")).split(",")[0].strip()
    name = _queue_name(settings, queue)
    url = _checked_queue(_queue_url(settings, queue_url), name)
    messages = (_message(ticket, plain, key) for ticket in tickets)
    click.echo(f"{publish(url, name, messages)} sent to {name}")


@hdts.command()
@click.option("--show", is_flag=True, help="Print each message in full, one JSON object a line.")
@click.option("--send-again", is_flag=True, help="Move the messages back to their queue.")
@click.option(
    "--place", "places", multiple=True, type=click.IntRange(1), help="Only this one; may be given repeatedly."
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@with_queue
def refused(
    show: bool, send_again: bool, places: tuple[int, ...], limit: int, queue_url: str | None, queue: str
) -> None:
    """List the messages that were refused, the oldest first, with the reasons."""
    from external_kit import refused_messages

    settings = _settings()
    name = _queue_name(settings, queue)
    url = _checked_queue(_queue_url(settings, queue_url), name)
    if send_again:
        click.echo(f"{refused_messages.send_again(url, name, places, limit)} sent again to {name}")
        return
    found = refused_messages.list_refused(url, name, max(places, default=limit))
    chosen = [each for each in found if not places or each.place in places]
    if show:
        for each in chosen:
            body = each.message.body.decode("utf-8", "backslashreplace")
            click.echo(json.dumps({"place": each.place, "reason": each.reason, "body": body}))
        return
    table = Table(title=f"{len(chosen)} refused")
    for column in ("place", "id", "reason"):
        table.add_column(column, overflow="fold")
    for each in chosen:
        table.add_row(str(each.place), escape(each.message.id or ""), escape(each.reason))
    console().print(table)


def _send_by_http(gateway: Any, tickets: Sequence[Mapping[str, Any]]) -> None:
    """Send every ticket; name those that are refused, and end with an error if there are any."""
    refused = 0
    for place, ticket in enumerate(tickets, 1):
        try:
            stored = gateway.post(HTTP_PATH, ticket)
        except click.ClickException as error:
            refused += 1
            click.echo(f"{ticket.get('ticket_id', '?')} (number {place}): {error.format_message()}", err=True)
            continue
        click.echo(f"{stored['external_ticket_id']}: ticket {stored['id']} ({stored['number']})")
    if refused:
        raise click.ClickException(f"{refused} of {len(tickets)} tickets were not taken")


def read_tickets(content: bytes) -> Iterator[Mapping[str, Any]]:
    """Yield the tickets of a file: one JSON object, a list of objects, or an object a line.

    Raises click.ClickException naming the line that isn't one.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException("the file is not UTF-8") from error
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        yield from _tickets_of_lines(text)
        return
    for place, each in enumerate(whole if isinstance(whole, list) else [whole], 1):
        if not isinstance(each, dict):
            raise click.ClickException(f"ticket {place} is not a JSON object")
        yield each


def _tickets_of_lines(text: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            ticket = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"line {number} is not JSON: {error}") from error
        if not isinstance(ticket, dict):
            raise click.ClickException(f"line {number} is not a JSON object")
        yield ticket


def _message(ticket: Mapping[str, Any], plain: bool, secret: str) -> Any:
    from external_kit.celery_messages import celery_message, plain_message
    from ticket_service.domain.hdts_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

    now = int(time.time())
    message = plain_message(ticket) if plain else celery_message(TASK, {"ticket_data": ticket})
    headers = {**message.headers, TIMESTAMP_HEADER: str(now)}
    if secret:
        headers[SIGNATURE_HEADER] = sign(secret, now, message.body)
    return replace(message, headers=headers)


def _settings() -> Reader:
    return Reader(os.environ)


def _queue_name(settings: Reader, given: str) -> str:
    return given or settings.text("HDTS_QUEUE", QUEUE)


def _checked_queue(url: str, name: str) -> str:
    """Return the broker's address; raise click.ClickException where it has no queue of that name."""
    from external_kit.refused_messages import NoSuchQueue, check_queue

    try:
        check_queue(url, name)
    except NoSuchQueue as error:
        hint = "ticket-service declares its own (HDTS_QUEUE) when it starts. Nothing was done."
        raise click.ClickException(f"{error} on that broker; {hint}") from error
    return url


def _queue_url(settings: Reader, given: str | None) -> str:
    url = given or settings.text("HDTS_BROKER_URL") or settings.text("RABBITMQ_URL")
    host = settings.text("RABBITMQ_HOST")
    if not url and host:
        user, password = settings.text("RABBITMQ_USER", "guest"), settings.text("RABBITMQ_PASSWORD", "guest")
        port = settings.integer("RABBITMQ_PORT", 5672, minimum=1, maximum=65_535)
        vhost = quote(settings.text("RABBITMQ_VHOST", "/"), safe="")
        url = f"amqp://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{vhost}"
    try:
        settings.finish()
    except BadSettings as error:
        raise click.ClickException(str(error)) from error
    if not url:
        raise click.ClickException(NO_QUEUE)
    if urlsplit(url).scheme not in ("amqp", "amqps"):
        raise click.ClickException("the address of the queue must begin with amqp:// or amqps://")
    return url
