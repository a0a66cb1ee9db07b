"""Runs what people use of a help desk while its servers and notification-service are killed, and reads what is left."""

import base64
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
import requests
from eventbus.contracts import Contracts
from notification_service.domain.inbound import CLAIM_SECONDS
from notification_service.domain.webhook_message import FIELDS, message_id
from notification_service.store.mailbox_reading import LEASE_SECONDS
from service_kit.testing.certificates import write_certificate

from tests.chaos.cluster import Cluster, Ground
from tests.chaos.history import open_work
from tests.chaos.people_checker import DeliveryRow, HookMessage, MailIn, MailRow, Notice, Remains
from tests.chaos.people_load import HOOK_BOX, IMAP_BOX, PASSWORD, RITA, ROLES, Desk, PeopleLoad
from tests.chaos.people_servers import KINDS, Server
from tests.stack import SCHEMAS, eventually

NOTIFICATION = "notification-service"
SERVICES = ("api-gateway", "auth-service", "ticket-service", NOTIFICATION)
SMTP_THREADS = 2
QUIET_SECONDS = 120
PAUSE_SECONDS = 1.0
"""The mean time between two faults, and for which a server is away."""
# Nobody waits ten minutes for a claim whose process is known to have ended.
FORGET_CLAIMS = """
    update notification.deliveries set claimed_at = claimed_at - interval '1 hour'
        where state = 'sending' and claimed_at < to_timestamp(%(at)s);
    update notification.webhook_deliveries set claimed_at = claimed_at - interval '1 hour'
        where state = 'sending' and claimed_at < to_timestamp(%(at)s);
    update notification.inbound_mails set claimed_until = null
        where claimed_until < to_timestamp(%(at)s) + %(claim)s * interval '1 s';
    update notification.mailboxes set leased_until = null, lease = null
        where leased_until < to_timestamp(%(at)s) + %(lease)s * interval '1 s';
"""
# Pauses after a failure, and before a mail about a comment, are over at once.
HURRY = "update notification.deliveries set next_try_at = now() where state = 'queued' and next_try_at > now()"
ASKED = """
    select line->>'id' as id, (line->>'subject')::bigint, (line->>'revision')::int from audit.log
    where schema_name = 'ticket' and table_name = 'outbox' and action = 'INSERT' and line->>'type' = any(%(types)s)
    order by seq
"""
LEFT = f"""
    select (select count(*) from notification.deliveries where state in ('queued', 'sending'))
        + (select count(*) from notification.webhook_deliveries where state in ('waiting', 'pending', 'sending'))
        + (select count(*) from notification.inbound_mails where state = 'stored')
        + (select count(*) from notification.inbound_mails where state = 'published' and ticket_id is null)
        + (select count(*) from notification.mailboxes where provider = 'imap' and last_uid < %(last_uid)s)
        + (select count(*) from ({ASKED}) a where not exists (
            select from notification.webhook_deliveries d where d.message_id like '%%\\_' || a.id
        ))
"""
DELIVERIES = """
    select n.kind, u.email, n.ticket_id, d.message_id, d.state from notification.deliveries d
    join notification.notifications n on n.company_id = d.company_id and n.id = d.notification_id
    join notification.users u on u.company_id = d.company_id and u.user_id = d.user_id
"""


@dataclass
class PeopleCluster(Cluster):
    """The services that people's features need, and the servers outside."""

    services: Sequence[str] = SERVICES
    launched_at: float = 0.0
    """When notification-service was started last; whatever was claimed before has no process any more."""

    def launch(self, service: str) -> None:
        """Start a service; claims of a process that has ended are over at once."""
        again = service == NOTIFICATION and service in self.processes
        if again:
            self.launched_at = time.time()
            self.forget_claims()
        super().launch(service)

    def forget_claims(self) -> None:
        """End the claims from before the last start of notification-service."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(FORGET_CLAIMS, {"at": self.launched_at, "claim": CLAIM_SECONDS, "lease": LEASE_SECONDS})

    def rows(self, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query, or the empty list for a statement."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def _start_replicas(self) -> None:
        """Start none: what is killed here must come back by itself."""


@dataclass
class Surroundings:
    """The servers outside, by kind."""

    folder: Path
    servers: dict[str, Server] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        """Return the settings of notification-service that name them, with short pauses."""
        return {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.servers["smtp"].port), "SMTP_TLS": "none",
            "SMTP_FROM": "desk@desk.example", "SMTP_THREADS": str(SMTP_THREADS),
            "SSL_CERT_FILE": str(self.folder / "cert.pem"), "IMAP_SECONDS": "1",
            "WEBHOOK_PORTS": "any", "WEBHOOK_RETRY_SECONDS": ",".join(["0.5"] * 50), "WEBHOOK_PROBE_SECONDS": "0.5",
            "NOTIFICATION_STORM": "100000",
        }  # fmt: skip


@contextlib.contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """Start the servers outside."""
    write_certificate(folder)
    found = Surroundings(folder, {kind: Server(kind, folder) for kind in KINDS})
    try:
        for server in found.servers.values():
            server.start()
        yield found
    finally:
        for server in found.servers.values():
            server.stop()


def shaken_people(on: Ground, seed: int, seconds: float) -> Remains:
    """Run people's features under load and under fire for at least `seconds`; return what is left at rest."""
    folder = on.postgres.root / f"people-{seed}"
    folder.mkdir()
    with surroundings(folder) as outside:
        cluster = PeopleCluster(on=on, of={NOTIFICATION: outside.settings()})
        with cluster:
            desk = _furnished(cluster, outside, seed)
            kills, started = 0, time.monotonic()
            with PeopleLoad(desk):
                while True:
                    kills += _storm(cluster, outside, Random(seed + kills))
                    if time.monotonic() - started > seconds:
                        break
            quiet = _wait_until_quiet(cluster, desk.last_uid)
            return _read(cluster, outside, desk, kills, quiet)


def _furnished(cluster: PeopleCluster, outside: Surroundings, seed: int) -> Desk:
    """Return a desk with people, two mailboxes and a webhook, once the services know them."""
    desk = Desk(cluster.url, outside.folder, seed)

    def made(path: str, body: dict[str, Any]) -> Any:
        answer = requests.post(cluster.url + path, json=body, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    for email, role in ROLES.items():
        person = {"email": email, "username": email.partition("@")[0], "role": role, "password": PASSWORD}
        desk.users[email] = made("/api/users", person)["id"]
        desk.tokens[email] = made("/api/auth/login", {"email": email, "password": PASSWORD})["access_token"]
    hook_box = made("/api/mailboxes", {"address": HOOK_BOX, "provider": "generic"})
    desk.key = base64.b64decode(hook_box["secret"].removeprefix("whsec_"))
    imap = {"host": "127.0.0.1", "port": outside.servers["imap"].port, "username": "desk", "secret": "secret"}
    made("/api/mailboxes", {"address": IMAP_BOX, "provider": "imap", **imap})
    made("/api/webhooks", {"url": f"http://127.0.0.1:{outside.servers['hook'].port}/hook", "events": ["*"]})
    for schema in ("notification", "ticket"):
        known = f"select count(*) from {schema}.users where user_id = any(%s)"
        eventually(lambda query=known: cluster.rows(query, (list(desk.users.values()),)), lambda found: found == [(3,)])
    # Mails that are there before the first reading stay there.
    eventually(lambda: cluster.rows("select id from notification.mailboxes where read_at is not null"))
    return desk


def _storm(cluster: PeopleCluster, outside: Surroundings, random: Random) -> int:
    """Kill everything in turn, some things twice; return how often notification-service was killed."""
    victims = [*KINDS, *KINDS, "whole", "part", "part"]
    random.shuffle(victims)
    for victim in victims:
        time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))
        if victim in outside.servers:
            outside.servers[victim].kill()
            time.sleep(PAUSE_SECONDS * random.uniform(0.2, 2))
            outside.servers[victim].start()
        else:
            _kill_service(cluster, random, whole=victim == "whole")
        cluster.rows(HURRY)
    return sum(victim not in outside.servers for victim in victims)


def _kill_service(cluster: PeopleCluster, random: Random, *, whole: bool) -> None:
    """SIGKILL notification-service, all of it or one of its processes, and wait until it is back."""
    launched, tree = cluster.launched_at, cluster.tree(NOTIFICATION)
    victims = tree if whole else [random.choice(tree[1:])]
    # gunicorn forks an HTTP process again; the end of another one ends the service.
    ends_service = whole or victims[0].ppid() == tree[0].pid
    for victim in victims:
        with contextlib.suppress(psutil.Error):
            victim.kill()
    if ends_service:
        eventually(lambda: cluster.launched_at > launched)
    cluster.wait_healthy()


def _wait_until_quiet(cluster: PeopleCluster, last_uid: int) -> float | None:
    """Return how long it took until nothing was under way any more; None where something is left."""
    began, left = time.monotonic(), {"types": list(FIELDS), "last_uid": last_uid}
    queues = [queue for queue in Contracts.installed().deployed_queues() if queue.name.partition(".")[0] in SERVICES]
    while time.monotonic() - began < QUIET_SECONDS:
        cluster.forget_claims()
        cluster.rows(HURRY)
        with contextlib.closing(cluster.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(LEFT, left)
            if cursor.fetchone() == (0,) and not open_work(cursor, queues):
                return time.monotonic() - began
        time.sleep(0.25)
    return None


def _read(cluster: PeopleCluster, outside: Surroundings, desk: Desk, kills: int, quiet: float | None) -> Remains:
    """Read what is left in the database, at the sink and at the receiver."""
    rows: Callable[..., list[tuple[Any, ...]]] = cluster.rows
    ((webhook,),) = rows("select id from notification.webhooks")
    tickets = dict(rows("select id, description from ticket.tickets"))
    parked = [
        f"{kind} in {queue}: {reason}"
        for service in SERVICES if service in SCHEMAS
        for kind, queue, reason in rows(f"select type, queue, reason from {SCHEMAS[service]}.parked")
    ]  # fmt: skip
    servers = outside.servers
    return Remains(
        mails_in=desk.mails_in,
        tickets=tickets,
        comments=rows("select ticket_id, text from ticket.comments"),
        mail_rows=[
            MailRow(*row) for row in rows("select message_id, state, ticket_id from notification.inbound_mails")
        ],
        posts=desk.posts,
        notices=[*desk.notices, *_receipts(desk, tickets)],
        deliveries=[DeliveryRow(Notice(*row[:3]), *row[3:]) for row in rows(DELIVERIES)],
        arrived=[each["message_id"] for each in servers["smtp"].arrived()],
        asked=[HookMessage(message_id(webhook, event), *rest) for event, *rest in rows(ASKED, {"types": list(FIELDS)})],
        hooked=[HookMessage(each["id"], each["ticket"], each["revision"]) for each in servers["hook"].arrived()],
        hook_states=dict(rows("select message_id, state from notification.webhook_deliveries")),
        refused=desk.refused,
        parked=parked,
        most_unknown=SMTP_THREADS * (kills + servers["smtp"].kills),
        kills={NOTIFICATION: kills, **{kind: server.kills for kind, server in servers.items()}},
        seconds_to_quiet=quiet,
    )


def _receipts(desk: Desk, tickets: dict[int, str]) -> list[Notice]:
    """Return the receipts of the tickets that mails of the requester have opened."""
    of_rita: dict[str, MailIn] = {mail.mark: mail for mail in desk.mails_in if desk.senders[mail.mark] == RITA}
    return [Notice("received", RITA, ticket) for ticket, text in tickets.items() if text.strip() in of_rita]
