"""Errors of requests about tickets; the API maps each to a problem response."""

from ticket_service.domain.enums import Status


class TicketNotFound(Exception):
    """There is no such ticket in the caller's company."""

    def __init__(self) -> None:
        super().__init__("There is no such ticket.")


class IllegalMove(Exception):
    """The new status may not follow the current one."""

    def __init__(self, current: Status, wanted: Status) -> None:
        super().__init__(f"A ticket that is {current} can't become {wanted}.")


class RequesterMove(Exception):
    """A requester asks for a status that only staff sets."""

    def __init__(self, wanted: Status) -> None:
        super().__init__(f"A requester closes or reopens a ticket; it can't make it {wanted}.")


class StaleVersion(Exception):
    """The ticket's version is not among those of `If-Match`."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The ticket has version {version} by now; read it again and repeat the change.")


class VersionConflict(Exception):
    """The body's `version` is not the version the ticket has."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The ticket has version {version} by now; read it again and repeat the change.")


class DuplicateOpen(Exception):
    """A ticket can't be reopened while a duplicate (same customer, subject and body) is open."""

    def __init__(self) -> None:
        super().__init__("The same customer has sent the same text again and that ticket is still open.")


class UnknownTeam(Exception):
    """The company has no such team that takes tickets."""

    def __init__(self, name: str, field: str = "team") -> None:
        super().__init__(f"There is no team {name!r}.")
        self.errors = [{"field": field, "message": "Not a team of this company that takes tickets."}]


class UnfitTeam(Exception):
    """The team takes no tickets of that department."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.errors = [{"field": "team", "message": reason}]


class UnknownDepartment(Exception):
    """The company has no such department."""

    def __init__(self, name: str, field: str = "department") -> None:
        super().__init__(f"There is no department {name!r}.")
        self.errors = [{"field": field, "message": "Not a department of this company."}]
