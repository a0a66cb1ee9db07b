"""Reports problems of the running system, each with advice."""

import os
from collections.abc import Iterator
from typing import Any

import click
import requests
from eventbus.bus.port import BusDown
from eventbus.contracts import Contracts

from launcher.terminal import console

MAX_LAG_SECONDS = 30
MANY_ATTEMPTS = 3
"""An event that failed as often is worth a look, though it is tried again."""
Finding = tuple[str, str]
"""A finding and the advice for it ('' if nothing is wrong)."""


@click.command()
@click.option("--delete-unused", is_flag=True, help="Delete queues of services that are not deployed (RabbitMQ).")
@click.pass_obj
def doctor(context: dict[str, Any], delete_unused: bool) -> None:
    """Check health, dead and waiting events, backlogs and orphaned queues; exits with 1 if something is wrong."""
    screen = console()
    wrong = 0
    for found, advice in [*_system(context), *_orphaned_queues(delete_unused)]:
        wrong += bool(advice)
        screen.print(f"[red]✗[/red] {found}\n  → {advice}" if advice else f"[green]✓[/green] {found}", highlight=False)
    if wrong:
        raise SystemExit(1)


def _system(context: dict[str, Any]) -> Iterator[Finding]:
    gateway = context["gateway"]
    try:
        health = gateway.get("/api/health")
    except click.ClickException as error:
        yield error.message, "start it with `make up`; in containers see `docker compose ps` and the gateway's log"
        return
    for name, service in health["services"].items():
        reason = service.get("reason")
        advice = f"{reason or 'no reason given'}; see its log" if service["status"] != "healthy" else ""
        yield f"{name} is {service['status']}", advice
    yield from _dead_letters(context)
    yield from _waiting(context)
    yield from _backlogs(gateway)


def _dead_letters(context: dict[str, Any]) -> Iterator[Finding]:
    """Count dead letters: of all companies on the machine of the system, else of the key's company."""
    try:
        dead = context["events"]().dead_letters(state="dead", limit=100)
    except click.ClickException as error:
        yield f"dead letters can't be read: {error.message}", "an admin's API key is needed: --key, SMARTTICKET_API_KEY"
        return
    count = f"{dead['count']}{'+' if dead.get('next') else ''}"
    advice = "see `smart-ticket dead-letters list`, then replay or discard them" if dead["count"] else ""
    companies = sorted({item["company_id"] for item in dead["items"] if "company_id" in item})
    yield f"{count} dead letters{f' of companies {companies}' if companies else ''}", advice


def _waiting(context: dict[str, Any]) -> Iterator[Finding]:
    """Count the events that wait for another attempt, and those among them that have failed often."""
    try:
        waiting = context["events"]().dead_letters(state="waiting", limit=100)
    except click.ClickException:
        return  # the dead letters can't be read either, which is named already
    often = sum(item["attempts"] >= MANY_ATTEMPTS for item in waiting["items"])
    more = "+" if waiting.get("next") else ""
    advice = f"{often} failed {MANY_ATTEMPTS} times or more; see `smart-ticket dead-letters list --state waiting`"
    yield f"{waiting['count']}{more} events wait for another attempt", advice if often else ""


def _backlogs(gateway: Any) -> Iterator[Finding]:
    """Read the outbox lag of every service from the gateway's metrics."""
    response: requests.Response = gateway.send("GET", "/metrics")
    for service, seconds in sorted(outbox_lag(response.text).items()):
        advice = (
            "the bus is down or slow; nothing is lost, events are sent when it is back"
            if seconds > MAX_LAG_SECONDS
            else ""
        )
        yield f"{service}: oldest unpublished event {seconds:.0f} s", advice


def outbox_lag(metrics: str) -> dict[str, float]:
    """Return the age in seconds of each service's oldest unpublished event, the maximum of its replicas."""
    late: dict[str, float] = {}
    for line in metrics.splitlines():
        if line.startswith("outbox_oldest_seconds{"):
            labels, _, value = line.rpartition(" ")
            service = labels.split('service="', 1)[-1].split('"', 1)[0]
            late[service] = max(late.get(service, 0.0), float(value))
    return late


def _orphaned_queues(delete: bool) -> Iterator[Finding]:
    """Find queues of services that SMARTTICKET_SERVICES leaves out: they fill without a consumer."""
    url = os.environ.get("RABBITMQ_URL", "").strip()
    chosen = os.environ.get("SMARTTICKET_SERVICES", "").strip() or "all"
    if not url or chosen == "all":
        return
    from eventbus.bus.rabbitmq.orphaned_queues import delete as delete_queue
    from eventbus.bus.rabbitmq.orphaned_queues import existing

    wanted = {name.strip() for name in chosen.split(",")}
    contracts = Contracts.installed()
    unused = [queue.name for service in set(contracts.deployed) - wanted for queue in contracts.queues(service)]
    try:
        waiting = existing(url, unused)
        for name, messages in waiting.items():
            if delete:
                delete_queue(url, name)
                yield f"{name} deleted", ""
            else:
                yield (
                    f"queue {name} of a service that is not deployed holds {messages} events",
                    ("delete it with `smart-ticket doctor --delete-unused`, or deploy its service"),
                )
    except BusDown as error:
        yield f"RabbitMQ can't be reached: {error}", "check RABBITMQ_URL"
