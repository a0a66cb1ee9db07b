"""How many mails a second are stored, read and made tickets or comments, and is each of them there once under kills?

`python -m benchmarks.mail_in [MAILS] [--kill]`: `--kill` ends readers and services at random meanwhile.
"""

import contextlib
import http.client
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from urllib.parse import urlsplit

import psutil
import requests

from benchmarks.machine import CpuClock
from benchmarks.made_mails import DESK, is_answer, signed
from benchmarks.report import Row, Table
from benchmarks.stored import ask
from tests.stack import Stack, eventually

GOAL = 50
CLIENTS = 8
WARM_UP = 50
NOTIFICATION, TICKET = "notification-service", "ticket-service"
SERVICES = ("api-gateway", TICKET, NOTIFICATION)
LONGEST_SECONDS = 1800.0
KILL_SECONDS = (3.0, 12.0)
HOLD = "alter table notification.inbound_mails alter claimed_until set default now() + interval '1 day'"
RELEASE = "alter table notification.inbound_mails alter claimed_until drop default"
WAITING = "select count(*) from notification.inbound_mails where state = 'stored'"
ACCEPTED = "select count(*) from ticket.mails"
FACTS = """
    select (select count(*) from notification.inbound_mails where state = 'published'),
        (select count(*) from ticket.mails), (select count(distinct message_key) from ticket.mails),
        (select count(*) from ticket.tickets), (select count(distinct title) from ticket.tickets),
        (select count(*) from ticket.comments where text like 'It still does%'),
        (select count(distinct text) from ticket.comments where text like 'It still does%')
"""


def main(mails: int = 10_000, *, kill: bool = False) -> Table:
    """Store mails, have them read, and wait until each is a ticket or a comment."""
    ending = ", readers and services killed at random" if kill else ""
    table = Table(f"{mails:,} mails by webhook: stored, read, and made tickets and comments{ending}")
    with Stack(services=SERVICES) as stack:
        answer = requests.post(f"{stack.url}/api/mailboxes", json={"address": DESK, "provider": "generic"}, timeout=30)
        assert answer.status_code == 201, answer.text
        secret = answer.json()["secret"]
        send(stack, secret, range(WARM_UP))
        eventually(lambda: ask(stack, ACCEPTED) == [(WARM_UP,)])
        numbers = range(WARM_UP, WARM_UP + mails)
        table.rows += under_kills(stack, secret, numbers) if kill else stages(stack, secret, numbers)
        table.rows.append(check(stack, WARM_UP + mails))
    return table


def stages(stack: Stack, secret: str, numbers: range) -> list[Row]:
    """Store all mails while none is read; then have them read, and accepted by ticket-service at the same time."""
    mails = len(numbers)
    ask(stack, HOLD)
    clock, began = CpuClock(stack), time.monotonic()
    send(stack, secret, numbers)
    rows = [rate_row("stored by the webhook", mails, time.monotonic() - began, clock)]
    ask(stack, RELEASE)
    ask(stack, "vacuum analyze")
    clock, began = CpuClock(stack), time.monotonic()
    ask(stack, "update notification.inbound_mails set claimed_until = null where state = 'stored'")
    eventually(lambda: ask(stack, WAITING)[0][0] == 0, seconds=LONGEST_SECONDS)
    rows.append(rate_row("read and published", mails, time.monotonic() - began, clock))
    eventually(lambda: ask(stack, ACCEPTED)[0][0] >= WARM_UP + mails, seconds=LONGEST_SECONDS)
    rows.append(rate_row("read, and made tickets and comments", mails, time.monotonic() - began, clock))
    return rows


def under_kills(stack: Stack, secret: str, numbers: range) -> list[Row]:
    """Do all at once while processes are killed; the sender sends again what was not answered, as providers do."""
    ending, killed = Event(), {"readers": 0, NOTIFICATION: 0, TICKET: 0}
    killer = Thread(target=kill_at_random, args=(stack, ending, killed))
    clock, began = CpuClock(stack), time.monotonic()
    killer.start()
    try:
        send(stack, secret, numbers)
        eventually(lambda: ask(stack, ACCEPTED)[0][0] > WARM_UP + len(numbers) * 0.9, seconds=LONGEST_SECONDS)
    finally:
        ending.set()
        killer.join()
    stack.wait_healthy()
    # Mails that a killed worker had claimed are taken again after three minutes.
    eventually(lambda: ask(stack, ACCEPTED)[0][0] >= WARM_UP + len(numbers), seconds=LONGEST_SECONDS)
    seconds = time.monotonic() - began
    slow = Row("stored, read, and made tickets and comments", f"in {seconds:.0f} s", besides=clock.stolen())
    return [slow, Row("killed", ", ".join(f"{name} {count}" for name, count in killed.items()))]


def kill_at_random(stack: Stack, ending: Event, killed: dict[str, int]) -> None:
    """Kill a reading process, or a service as a whole, which is started again."""
    choice = random.Random(1)
    while not ending.wait(choice.uniform(*KILL_SECONDS)):
        readers = [each for each in stack.tree(NOTIFICATION) if is_reader(each)]
        if readers and choice.random() < 0.7:
            with contextlib.suppress(psutil.Error):
                choice.choice(readers).send_signal(signal.SIGKILL)
                killed["readers"] += 1
            continue
        name = choice.choice((NOTIFICATION, TICKET))
        stack.kill(name)
        stack.launch(name)
        killed[name] += 1
        eventually(lambda: not {NOTIFICATION, TICKET} & stack.unready().keys())


def is_reader(process: psutil.Process) -> bool:
    """Return whether a process reads mails."""
    with contextlib.suppress(psutil.Error):
        return "notification_service.adapters.mail_child" in process.cmdline()
    return False


def send(stack: Stack, secret: str, numbers: range) -> None:
    """Send mails with some connections, each mail until it is answered with 200."""
    url = stack.url_of(NOTIFICATION)
    where = urlsplit(url)

    def run(first: int) -> None:
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
        for number in numbers[first::CLIENTS]:
            while not sent(connection, signed(number, secret, url)):
                time.sleep(0.2)
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(run, range(CLIENTS)))


def sent(connection: http.client.HTTPConnection, request: bytes) -> bool:
    """Return whether a request was answered with 200; the connection is opened again where it was lost."""
    try:
        if connection.sock is None:
            connection.connect()
        connection.sock.sendall(request)
        answer = http.client.HTTPResponse(connection.sock)
        answer.begin()
        answer.read()
        if answer.will_close:
            connection.close()
    except (OSError, http.client.HTTPException):
        connection.close()
        return False
    assert answer.status in (200, 502, 503), answer.status
    return answer.status == 200


def rate_row(what: str, mails: int, seconds: float, clock: CpuClock) -> Row:
    """Return mails a second, with the CPU of each service per mail."""
    used = {name: spent / mails * 1e3 for name, spent in clock.used().items()}
    names = (NOTIFICATION, TICKET, "PostgreSQL", "RabbitMQ")
    spent = ", ".join(f"{name} {used[name]:.1f}" for name in names)
    rate = mails / seconds
    besides = f"ms of CPU a mail: {spent}; {clock.stolen()}"
    return Row(what, f"{rate:,.0f} mails/s", f"≥ {GOAL}", rate >= GOAL, besides)


def check(stack: Stack, mails: int) -> Row:
    """Compare what is there with what was sent: an answer is a comment, any other mail a ticket."""
    [(published, accepted, distinct, tickets, titles, comments, texts)] = ask(stack, FACTS)
    answers = sum(map(is_answer, range(mails)))
    # An answer that is accepted before the mail that it answers opens a ticket.
    early = answers - texts
    lost = mails - distinct + (mails - answers + early - titles)
    doubled = accepted - distinct + tickets - titles + comments - texts + published - mails
    besides = f"{tickets:,} tickets, {comments:,} comments; {early} answers were read before the mail they answer"
    return Row("lost, doubled", f"{lost}, {doubled}", "0, 0", (lost, doubled) == (0, 0), besides)


if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if not each.startswith("--")]
    main(*map(int, given), kill="--kill" in sys.argv).show()
