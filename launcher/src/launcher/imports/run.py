"""One import: departments, sending, waiting for routing, assigning departments."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from launcher.client import Gateway
from launcher.imports.assign_departments import assign_departments
from launcher.imports.departments import Departments
from launcher.imports.journal import Journal
from launcher.imports.polling import wait_routed
from launcher.imports.rows import Refused, TicketRow
from launcher.imports.sending import Sent, send_all

SAMPLE_TICKETS = 20


@dataclass
class Import:
    """The rows to send, and the progress so far."""

    rows: list[TicketRow]
    keys: list[str]
    refused: list[Refused]
    journal: Journal
    again: bool = False
    """All rows are sent again."""
    sent: dict[int, int] = field(default_factory=dict)
    """Row index → ticket id, of the rows sent by this import."""
    already_sent: set[int] = field(default_factory=set)
    """Indexes of rows that an earlier import sent."""
    routed: dict[int, str] = field(default_factory=dict)
    """Ticket id → department, of the tickets sent by this import."""
    faults: list[str] = field(default_factory=list)
    """Errors of tickets after they were sent."""

    def run(self, gateway: Gateway, screen: Console, timeout: float) -> None:
        """Run the import. After Stopped or KeyboardInterrupt, `sent` and `already_sent` hold the progress."""
        department_of = self._departments(gateway)
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
            self._assign(gateway, department_of, progress)

    @property
    def unsent(self) -> int:
        """Return the number of rows that are neither sent nor refused."""
        return len(self.rows) - len(self.sent) - len(self.already_sent)

    @property
    def unrouted(self) -> int:
        """Return the number of sent tickets without a department."""
        return sum(ticket not in self.routed for ticket in self.sent.values())

    def _departments(self, gateway: Gateway) -> dict[str, str]:
        """Return the department of each key; refuse rows whose department can't be used."""
        departments = Departments(gateway, [row.department for row in self.rows])
        kept, keys, department_of = [], [], {}
        for row, key in zip(self.rows, self.keys, strict=True):
            try:
                if row.department:
                    department_of[key] = departments.find(row.department)
            except ValueError as error:
                self.refused.append(Refused.of(row.row, str(error)))
            else:
                kept.append(row)
                keys.append(key)
        self.rows, self.keys = kept, keys
        return department_of

    def _skip_known(self, gateway: Gateway) -> None:
        known = [index for index, key in enumerate(self.keys) if key in self.journal.tickets]
        if known and not self._is_of_this_system(gateway, known):
            self.journal.clear()
        self.already_sent |= {index for index in known if self.keys[index] in self.journal.tickets}

    def _is_of_this_system(self, gateway: Gateway, known: Sequence[int]) -> bool:
        """Return whether the system has any of a sample of the journal's tickets; a new installation has none."""
        for index in known[:: max(len(known) // SAMPLE_TICKETS, 1)]:
            ticket, at = self.journal.tickets[self.keys[index]]
            response = gateway.send_with_retry("GET", f"/api/tickets/{ticket}")
            if response.status_code == 200 and response.json().get("created_at") == at:
                return True
        return False

    def _send(self, gateway: Gateway, progress: Progress) -> None:
        indexes = [index for index in range(len(self.rows)) if index not in self.already_sent]
        sending = progress.add_task("sent", total=len(indexes))
        counted: Counter[str] = Counter()
        refused: set[int] = set()

        def record(sent: Sent) -> None:
            index = indexes[sent.index]
            if sent.refused:
                refused.add(index)
                self.refused.append(Refused.of(self.rows[index].row, sent.refused))
            else:
                if sent.ticket is not None:
                    self.journal.record_sent(self.keys[index], sent.ticket, sent.created_at)
                if sent.replayed or sent.ticket is None:
                    self.already_sent.add(index)
                else:
                    self.sent[index] = sent.ticket
            counted["all"] += 1
            progress.update(sending, completed=counted["all"])

        try:
            send_all(gateway, [(self.rows[index].ticket, self.keys[index]) for index in indexes], record)
        finally:
            self._drop(refused)

    def _drop(self, refused: set[int]) -> None:
        """Remove refused rows and renumber the indexes of the others."""
        kept = [index for index in range(len(self.rows)) if index not in refused]
        numbered = {index: number for number, index in enumerate(kept)}
        self.rows = [self.rows[index] for index in kept]
        self.keys = [self.keys[index] for index in kept]
        self.sent = {numbered[index]: ticket for index, ticket in self.sent.items()}
        self.already_sent = {numbered[index] for index in self.already_sent}

    def _assign(self, gateway: Gateway, department_of: dict[str, str], progress: Progress) -> None:
        """Assign tickets to their departments, once: later decisions of people here are not overridden."""
        unassigned = {
            self.journal.tickets[key][0]: key
            for key in self.keys
            if key in department_of and key in self.journal.tickets and key not in self.journal.assigned
        }
        if not unassigned:
            return
        assigning = progress.add_task("assigned", total=len(unassigned))
        lines = {key: row.row.line for key, row in zip(self.keys, self.rows, strict=True)}

        def done(ticket: int) -> None:
            self.journal.record_assigned(unassigned[ticket])
            if ticket in new:
                self.routed[ticket] = department_of[unassigned[ticket]]
            progress.advance(assigning)

        new = set(self.sent.values())
        targets = {ticket: department_of[key] for ticket, key in unassigned.items()}
        for ticket, fault in assign_departments(gateway, targets, done):
            self.faults.append(f"line {lines[unassigned[ticket]]}: ticket {ticket} is sent, but not assigned: {fault}")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
