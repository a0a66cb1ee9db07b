"""One import: departments, sending, waiting for what became of the tickets, and what to report."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from launcher.client import Gateway
from launcher.imports.departments import Departments, place_tickets
from launcher.imports.journal import Journal
from launcher.imports.rows import Refused, TicketRow
from launcher.imports.sending import Sent, send_all
from launcher.imports.waiting import wait_routed

SAMPLE = 20


@dataclass
class Import:
    """What is to be sent, and how far it came."""

    rows: list[TicketRow]
    keys: list[str]
    refused: list[Refused]
    journal: Journal
    again: bool = False
    """Everything is sent once more."""
    sent: dict[int, int] = field(default_factory=dict)
    """Row → ticket, of the rows that became tickets now."""
    before: set[int] = field(default_factory=set)
    """Rows that an earlier import sent."""
    routed: dict[int, str] = field(default_factory=dict)
    """Ticket → department, of the tickets sent now."""
    faults: list[str] = field(default_factory=list)
    """What went wrong with tickets after they were sent."""

    def run(self, gateway: Gateway, screen: Console, timeout: float) -> None:
        """Do it. Raises Stopped and KeyboardInterrupt; `sent` and `before` then say how far it came."""
        wanted = self._departments(gateway)
        self._skip_known(gateway)
        started = time.monotonic()
        with _progress(screen) as progress:
            self._send(gateway, progress)
            routing = progress.add_task("routed", total=len(self.sent))
            self.routed |= wait_routed(
                gateway,
                list(self.sent.values()),
                started + timeout,
                lambda done: progress.update(routing, completed=done),
            )
            self._place(gateway, wanted, progress)

    @property
    def left(self) -> int:
        """Return how many rows are not sent, and not refused either."""
        return len(self.rows) - len(self.sent) - len(self.before)

    @property
    def waiting(self) -> int:
        """Return how many tickets sent now have no department."""
        return sum(ticket not in self.routed for ticket in self.sent.values())

    def _departments(self, gateway: Gateway) -> dict[str, str]:
        """Return the department of each key; refuse rows whose department can't be."""
        departments = Departments(gateway, [row.department for row in self.rows])
        kept, keys, wanted = [], [], {}
        for row, key in zip(self.rows, self.keys, strict=True):
            try:
                if row.department:
                    wanted[key] = departments.find(row.department)
            except ValueError as error:
                self.refused.append(Refused.of(row.row, str(error)))
            else:
                kept.append(row)
                keys.append(key)
        self.rows, self.keys = kept, keys
        return wanted

    def _skip_known(self, gateway: Gateway) -> None:
        known = [place for place, key in enumerate(self.keys) if key in self.journal.tickets]
        if known and not self._is_of_this_system(gateway, known):
            self.journal.forget()
        self.before |= {place for place in known if self.keys[place] in self.journal.tickets}

    def _is_of_this_system(self, gateway: Gateway, known: Sequence[int]) -> bool:
        """Tell whether any of some tickets in the journal is there: a system that was set up anew has others."""
        for place in known[:: max(len(known) // SAMPLE, 1)]:
            ticket, at = self.journal.tickets[self.keys[place]]
            response = gateway.send_again("GET", f"/api/tickets/{ticket}")
            if response.status_code == 200 and response.json().get("created_at") == at:
                return True
        return False

    def _send(self, gateway: Gateway, progress: Progress) -> None:
        places = [place for place in range(len(self.rows)) if place not in self.before]
        sending = progress.add_task("sent", total=len(places))
        taken: Counter[str] = Counter()
        refused: set[int] = set()

        def note(sent: Sent) -> None:
            place = places[sent.place]
            if sent.refused:
                refused.add(place)
                self.refused.append(Refused.of(self.rows[place].row, sent.refused))
            else:
                if sent.ticket is not None:
                    self.journal.sent(self.keys[place], sent.ticket, sent.created_at)
                if sent.before or sent.ticket is None:
                    self.before.add(place)
                else:
                    self.sent[place] = sent.ticket
            taken["all"] += 1
            progress.update(sending, completed=taken["all"])

        try:
            send_all(gateway, [(self.rows[place].ticket, self.keys[place]) for place in places], note)
        finally:
            self._drop(refused)

    def _drop(self, refused: set[int]) -> None:
        """Take rows that were refused out of the rows, so that the others' places are numbered anew."""
        kept = [place for place in range(len(self.rows)) if place not in refused]
        numbered = {place: number for number, place in enumerate(kept)}
        self.rows = [self.rows[place] for place in kept]
        self.keys = [self.keys[place] for place in kept]
        self.sent = {numbered[place]: ticket for place, ticket in self.sent.items()}
        self.before = {numbered[place] for place in self.before}

    def _place(self, gateway: Gateway, wanted: dict[str, str], progress: Progress) -> None:
        """Put tickets where people had them, once: what people decide here since then is theirs."""
        open_ones = {
            self.journal.tickets[key][0]: key
            for key in self.keys
            if key in wanted and key in self.journal.tickets and key not in self.journal.placed
        }
        if not open_ones:
            return
        placing = progress.add_task("placed", total=len(open_ones))
        lines = {key: row.row.line for key, row in zip(self.keys, self.rows, strict=True)}

        def done(ticket: int) -> None:
            self.journal.put(open_ones[ticket])
            if ticket in new:
                self.routed[ticket] = wanted[open_ones[ticket]]
            progress.advance(placing)

        new = set(self.sent.values())
        targets = {ticket: wanted[key] for ticket, key in open_ones.items()}
        for ticket, fault in place_tickets(gateway, targets, done):
            self.faults.append(f"line {lines[open_ones[ticket]]}: ticket {ticket} is sent, but not placed: {fault}")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
