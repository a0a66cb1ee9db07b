"""Dead letters and traces as the commands read them: of all companies in this machine's databases, or by the API."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import click
from api_gateway.endpoints.trace import shown, total_ms
from company_kit.actor import SYSTEM, acting_as
from eventbus.retry import dead_letters
from service_kit.database.engine import Database
from sqlalchemy import Row
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from eventbus import trace
from launcher.client import Gateway

OPERATOR = "operator"
MAX_REASON_CHARACTERS = 500
Json = dict[str, Any]


class Events(Protocol):
    """Access to dead letters and traces; `company` None stands for every company that the caller may see.

    All methods raise click.ClickException with a plain message where something isn't there or doesn't answer.
    """

    def dead_letters(
        self,
        *,
        service: str | None = None,
        queue: str | None = None,
        state: dead_letters.State | None = None,
        company: int | None = None,
        limit: int = 25,
    ) -> Json:
        """Return `{count, items, next, missing}`: the newest of each service, one service after the other."""

    def dead_letter(self, service: str, letter_id: int) -> Json:
        """Return a dead letter with its headers and body."""

    def replay(self, service: str, letter_id: int) -> None:
        """Let a dead letter be processed again at once."""

    def discard(self, service: str, letter_id: int, reason: str) -> None:
        """Delete a dead letter and keep the reason."""

    def trace(self, ticket_id: int, *, company: int | None = None) -> Json:
        """Return `{hops, total_ms, missing}` of a ticket's events, by time."""


class GatewayEvents:
    """Events of the caller's company, by the gateway's API."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def dead_letters(self, *, company: int | None = None, **filters: Any) -> Json:
        """Return a page of the gateway's list."""
        _refuse_company(company)
        answer: Json = self._gateway.get("/api/dead-letters", **filters)
        return answer

    def dead_letter(self, service: str, letter_id: int) -> Json:
        """Return the gateway's view of a dead letter."""
        answer: Json = self._gateway.get(f"/api/dead-letters/{service}/{letter_id}")
        return answer

    def replay(self, service: str, letter_id: int) -> None:
        """Let a dead letter be processed again at once."""
        self._gateway.post(f"/api/dead-letters/{service}/{letter_id}/replay")

    def discard(self, service: str, letter_id: int, reason: str) -> None:
        """Delete a dead letter and keep the reason."""
        self._gateway.post(f"/api/dead-letters/{service}/{letter_id}/discard", {"reason": reason})

    def trace(self, ticket_id: int, *, company: int | None = None) -> Json:
        """Return the gateway's trace of a ticket."""
        _refuse_company(company)
        answer: Json = self._gateway.get(f"/api/tickets/{ticket_id}/trace")
        return answer


class OperatorEvents:
    """Events of all companies, read with the relay's role, which sees outbox, inbox and dead letters of every one."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        """`databases` holds the database of each service by its name."""
        self._databases = databases

    def dead_letters(
        self,
        *,
        service: str | None = None,
        queue: str | None = None,
        state: dead_letters.State | None = None,
        company: int | None = None,
        limit: int = 25,
    ) -> Json:
        """Return the newest dead letters of each service, each with its company; `next` is whether there are more."""
        name = service or (queue or "").partition(".")[0]
        items: list[Json] = []
        for each in [name] if name else list(self._databases):
            with self._session(each, company) as session:
                rows = dead_letters.list_dead_letters(session, queue=queue, state=state, limit=limit + 1 - len(items))
                items += [_view(each, row) for row in rows]
            if len(items) > limit:
                break
        return {"count": len(items[:limit]), "items": items[:limit], "next": len(items) > limit or None, "missing": []}

    def dead_letter(self, service: str, letter_id: int) -> Json:
        """Return a dead letter with its headers and body."""
        with self._session(service) as session:
            row = dead_letters.show(session, letter_id)
        if row is None:
            raise _no_letter(service, letter_id)
        body = bytes(row.body).decode(errors="replace")
        return {**_view(service, row), "headers": row.message_headers, "body": body}

    def replay(self, service: str, letter_id: int) -> None:
        """Let a dead letter be processed again at once; the company's audit says that the operator did it."""
        self._act(service, letter_id, partial(dead_letters.replay, actor=OPERATOR))

    def discard(self, service: str, letter_id: int, reason: str) -> None:
        """Delete a dead letter; the company's audit says that the operator did it, and the service keeps the reason."""
        if not reason.strip() or len(reason) > MAX_REASON_CHARACTERS:
            raise click.ClickException(f"the reason needs 1 to {MAX_REASON_CHARACTERS} characters")
        self._act(service, letter_id, partial(dead_letters.discard, actor=OPERATOR, reason=reason))

    def trace(self, ticket_id: int, *, company: int | None = None) -> Json:
        """Return a ticket's hops in all services, by time. Tickets of different companies have different ids."""
        hops = []
        for service in self._databases:
            with self._session(service, company) as session:
                hops += [shown(_texts(row), service) for row in trace.read(session, str(ticket_id))]
        if not hops:
            raise click.ClickException(f"no service has an event of ticket {ticket_id}; they are kept for some days")
        hops.sort(key=lambda hop: (hop["at"], hop["step"] != "published"))
        return {"hops": hops, "total_ms": total_ms(hops), "missing": []}

    def _act(self, service: str, letter_id: int, act: Callable[[Session, int], bool]) -> None:
        company = int(self.dead_letter(service, letter_id)["company_id"])
        # Not with the relay's role: the audit's records are written in a transaction of the company.
        with self._session(service, company) as session, acting_as(SYSTEM, OPERATOR), session.begin():
            if not act(session, letter_id):
                raise _no_letter(service, letter_id)

    @contextmanager
    def _session(self, service: str, company: int | None = None) -> Iterator[Session]:
        if service not in self._databases:
            raise click.ClickException(f"there is no service {service}; there are {', '.join(self._databases)}")
        database = self._databases[service]
        try:
            with database.relay_session() if company is None else database.session(company) as session:
                yield session
        except OperationalError as error:
            raise click.ClickException(f"the database of {service} doesn't answer") from error
        finally:
            database.dispose()


def _refuse_company(company: int | None) -> None:
    if company is not None:
        raise click.ClickException(
            "--company is for the operator on the machine where the system runs; by the API a key shows its own company"
        )


def _no_letter(service: str, letter_id: int) -> click.ClickException:
    return click.ClickException(f"{service} has no dead letter {letter_id}")


def _texts(row: Row[Any]) -> Json:
    return {name: _text(value) if isinstance(value, datetime) else value for name, value in row._asdict().items()}


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _view(service: str, row: Row[Any]) -> Json:
    fields = {name: value for name, value in _texts(row).items() if name not in ("message_headers", "body")}
    return {"service": service, **fields}
