"""Reads what mails and webhooks under fire have left behind and says what should not be in it. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.chaos.checker import DIFFERENT, DISORDER, DOUBLE, LOST, PARKED, REFUSED, UNFINISHED, Finding

ENDED = {"published", "duplicate"}
"""The states of mails in that were read."""
SENT, UNKNOWN = "sent", "unknown"


@dataclass(frozen=True)
class MailIn:
    """A mail to the desk. `answers` is the mark of the mail that it answers, None where it opens a ticket."""

    mark: str
    message_id: str
    answers: str | None = None
    copies: int = 1
    """The number of mailboxes that it was sent to."""


@dataclass(frozen=True)
class MailRow:
    """An inbound mail as notification-service has stored it."""

    message_id: str
    state: str
    ticket: int | None


@dataclass(frozen=True)
class Notice:
    """A mail to a person: who gets it, of which kind, about which ticket."""

    kind: str
    to: str
    ticket: int


@dataclass(frozen=True)
class DeliveryRow:
    """A mail out as notification-service has stored it."""

    notice: Notice
    message_id: str
    state: str


@dataclass(frozen=True)
class HookMessage:
    """A message to the webhook, as an event asks for it or as it has arrived."""

    id: str
    ticket: int
    revision: int


@dataclass
class Remains:
    """A run that has ended: the work that people gave, the traces in the services, and the arrivals elsewhere."""

    mails_in: list[MailIn] = field(default_factory=list)
    tickets: dict[int, str] = field(default_factory=dict)
    """The text of every ticket."""
    comments: list[tuple[int, str]] = field(default_factory=list)
    """The ticket and the text of every comment."""
    mail_rows: list[MailRow] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    """The marks of the tickets and comments by HTTP that the gateway has answered with 201."""
    notices: list[Notice] = field(default_factory=list)
    """The mails that follow from what people did."""
    deliveries: list[DeliveryRow] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    """The Message-IDs of the mails that the sink has got, in order."""
    asked: list[HookMessage] = field(default_factory=list)
    """The messages that follow from published events."""
    hooked: list[HookMessage] = field(default_factory=list)
    """The messages that the receiver has got, in order."""
    hook_states: dict[str, str] = field(default_factory=dict)
    """The state of each message in the database."""
    refused: list[str] = field(default_factory=list)
    """Calls with an answer that faults don't excuse, or without one to the end."""
    parked: list[str] = field(default_factory=list)
    most_unknown: int = 0
    """The number of mails that can have been between claim and answer at the kills."""
    kills: dict[str, int] = field(default_factory=dict)
    seconds_to_quiet: float | None = 0.0

    def summary(self) -> str:
        """Sum it up in a line."""
        took = "never" if self.seconds_to_quiet is None else f"{self.seconds_to_quiet:.1f} s"
        states = dict(sorted(Counter(each.state for each in self.deliveries).items()))
        twice = sum(each.state == "duplicate" for each in self.mail_rows)
        again = len(self.hooked) - len({each.id for each in self.hooked})
        return (
            f"kills {self.kills}; {len(self.posts)} tickets and comments by HTTP, {len(self.mails_in)} mails in "
            f"({twice} duplicates), {len(self.deliveries)} mails out "
            f"{states}, {len(self.arrived)} arrived, {len(self.hooked)} messages to the webhook ({again} again); "
            f"quiet after {took}"
        )


def check(remains: Remains) -> list[Finding]:
    """Return everything wrong with a run; nothing where it was sound."""
    return [finding for rule in RULES for finding in rule(remains)]


def every_mail_in_is_one_ticket_or_comment(remains: Remains) -> Iterator[Finding]:
    """By whichever way it came and however often; an answer that became a comment stands at the ticket it answers."""
    places = _places(remains)
    for mail in remains.mails_in:
        found = places.get(mail.mark, [])
        if len(found) != 1:
            yield Finding(DOUBLE if found else LOST, f"mail {mail.mark} is {len(found)} tickets or comments: {found}")
        elif mail.answers is not None and found[0][0] == "comment":
            answered = {ticket for _, ticket in places.get(mail.answers, [])}
            if found[0][1] not in answered:
                yield Finding(DIFFERENT, f"mail {mail.mark} is a comment on ticket {found[0][1]}, not on {answered}")


def _places(remains: Remains) -> dict[str, list[tuple[str, int]]]:
    """Return by mark which tickets and comments have it."""
    places: dict[str, list[tuple[str, int]]] = {}
    for ticket, text in remains.tickets.items():
        places.setdefault(text.strip(), []).append(("ticket", ticket))
    for ticket, text in remains.comments:
        places.setdefault(text.strip(), []).append(("comment", ticket))
    return places


def every_stored_mail_was_read_once(remains: Remains) -> Iterator[Finding]:
    """One row of a mail is published and knows its ticket; the others of the same mail are its duplicates."""
    rows: dict[str, list[MailRow]] = {}
    for row in remains.mail_rows:
        rows.setdefault(row.message_id, []).append(row)
        if row.state not in ENDED:
            yield Finding(UNFINISHED, f"mail {row.message_id} is {row.state}")
    for mail in remains.mails_in:
        found = rows.get(mail.message_id, [])
        if sorted(each.state for each in found) != ["duplicate"] * (mail.copies - 1) + ["published"]:
            yield Finding(DIFFERENT, f"mail {mail.mark}, sent to {mail.copies} mailboxes, is {found}")
        if any(each.state == "published" and each.ticket is None for each in found):
            yield Finding(LOST, f"mail {mail.mark} was never answered with its ticket")


def every_post_is_stored_once(remains: Remains) -> Iterator[Finding]:
    """A 201 is a promise, and a call that was sent again under its key has one effect."""
    places = _places(remains)
    for mark in remains.posts:
        if len(places.get(mark, [])) != 1:
            yield Finding(DOUBLE if places.get(mark) else LOST, f"{mark} is {places.get(mark, [])}")


def every_notice_is_queued_once(remains: Remains) -> Iterator[Finding]:
    """Each person is due the mails that follow from what happened, and no others."""
    due, queued = Counter(remains.notices), Counter(each.notice for each in remains.deliveries)
    for notice in due.keys() | queued.keys():
        if queued[notice] != due[notice]:
            kind = LOST if queued[notice] < due[notice] else DOUBLE
            yield Finding(kind, f"{notice}: {queued[notice]} mails for {due[notice]}")


def every_mail_out_arrived_once(remains: Remains) -> Iterator[Finding]:
    """A Message-ID arrives once, and never twice; where a kill left doubt, the mail may be missing."""
    arrivals = Counter(remains.arrived)
    known = {each.message_id: each for each in remains.deliveries}
    for message_id, times in arrivals.items():
        if times > 1:
            yield Finding(DOUBLE, f"mail {message_id} arrived {times} times: {known.get(message_id)}")
        if message_id not in known:
            yield Finding(DIFFERENT, f"mail {message_id} arrived, and nothing is known of it")
    for each in remains.deliveries:
        if each.state not in (SENT, UNKNOWN):
            yield Finding(UNFINISHED, f"mail {each}")
        elif each.state == SENT and not arrivals[each.message_id]:
            yield Finding(LOST, f"mail {each} never arrived")
    unknown = [each for each in remains.deliveries if each.state == UNKNOWN]
    if len(unknown) > remains.most_unknown:
        yield Finding(LOST, f"{len(unknown)} mails in doubt where {remains.most_unknown} can be: {unknown}")


def every_message_arrived_under_one_id(remains: Remains) -> Iterator[Finding]:
    """At least once each, and nothing else; an event has one message."""
    wanted, arrived = {each.id for each in remains.asked}, {each.id for each in remains.hooked}
    for missing in sorted(wanted - arrived):
        yield Finding(LOST, f"message {missing} ({remains.hook_states.get(missing)}) never arrived")
    for strange in sorted(arrived - wanted):
        yield Finding(DOUBLE, f"message {strange} arrived, and no event asks for it")
    for message, state in remains.hook_states.items():
        if state != "delivered":
            yield Finding(UNFINISHED, f"message {message} is {state}")


def messages_about_a_ticket_arrive_in_order(remains: Remains) -> Iterator[Finding]:
    """The first arrivals by revision; and a message comes again only before the next one about its ticket."""
    order: dict[int, list[HookMessage]] = {}
    for each in remains.hooked:
        last = order.setdefault(each.ticket, [])
        if not last or last[-1].id != each.id:
            last.append(each)
    for ticket, found in order.items():
        revisions = [each.revision for each in found]
        if revisions != sorted(set(revisions)):
            yield Finding(DISORDER, f"ticket {ticket}: messages arrived with revisions {revisions}")


def nobody_was_refused(remains: Remains) -> Iterator[Finding]:
    """Faults excuse a 5xx or no answer for a while, but no other refusal."""
    for each in remains.refused:
        yield Finding(REFUSED, each)


def nothing_was_parked(remains: Remains) -> Iterator[Finding]:
    """No event counts as failed because a process was killed."""
    for each in remains.parked:
        yield Finding(PARKED, each)


def it_came_to_rest(remains: Remains) -> Iterator[Finding]:
    """Within the limit after the last fault."""
    if remains.seconds_to_quiet is None:
        yield Finding(UNFINISHED, "work was left when the time was up")


RULES: tuple[Callable[[Remains], Iterator[Finding]], ...] = (
    every_mail_in_is_one_ticket_or_comment,
    every_stored_mail_was_read_once,
    every_post_is_stored_once,
    every_notice_is_queued_once,
    every_mail_out_arrived_once,
    every_message_arrived_under_one_id,
    messages_about_a_ticket_arrive_in_order,
    nobody_was_refused,
    nothing_was_parked,
    it_came_to_rest,
)
