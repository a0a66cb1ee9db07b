"""The requests of the policy's rows about calendars."""

from dataclasses import dataclass

from tests.security.policy import Ask, Target

from .calendars import document
from .conftest import WORKFLOW, Api

UNKNOWN = frozenset({400, 404})
"""A calendar is a field of the body: an unknown one is not valid."""


@dataclass
class CalendarRequests:
    """Stores calendars of targets' companies and returns requests about them."""

    api: Api

    def listed(self, target: Target) -> Ask:
        """Return the request of a list that shows the calendar."""
        self._stored(target)
        return Ask("/api/calendars?limit=100", shows=f'"Calendar {target.number}"')

    def new(self, target: Target) -> Ask:
        """Return a request that adds one."""
        return Ask("/api/calendars", document() | {"name": f"New {target.number}"})

    def one(self, target: Target) -> Ask:
        """Return a request to show or to delete one."""
        return Ask(f"/api/calendars/{self._stored(target)}")

    def changed(self, target: Target) -> Ask:
        """Return a request that changes one."""
        return Ask(f"/api/calendars/{self._stored(target)}", self._body(target) | {"time_zone": "Europe/Paris"})

    def of_new_workflow(self, target: Target) -> Ask:
        """Return a request that adds a workflow with the calendar."""
        return Ask("/api/workflows", self._workflow(target), not_found=UNKNOWN)

    def of_workflow(self, target: Target) -> Ask:
        """Return a request that gives the calendar to a workflow of the caller's company."""
        number = Api(self.api.client).workflow(**self._workflow(target) | {"calendar_id": None})["id"]
        return Ask(f"/api/workflows/{number}", self._workflow(target), not_found=UNKNOWN)

    def applied(self, target: Target) -> Ask:
        """Return a request that gives the calendar's newest version to open tasks."""
        return Ask(f"/api/calendars/{self._stored(target)}/apply", {"preview": False})

    def application(self, target: Target) -> Ask:
        """Return a request that shows how far such an application is."""
        api = Api(self.api.client, company=target.company)
        ordered = api.call("POST", f"/api/calendars/{self._stored(target)}/apply", {"preview": False})
        return Ask(f"/api/policy-applications/{ordered.json['id']}")

    def of_dry_run(self, target: Target) -> Ask:
        """Return a request that replays by the calendar."""
        return self._dry_run(target, calendar_id=self._stored(target))

    def of_replayed_definition(self, target: Target) -> Ask:
        """Return a request that replays by a definition with the calendar."""
        return self._dry_run(target, definition=self._workflow(target))

    def _dry_run(self, target: Target, **body: object) -> Ask:
        number = Api(self.api.client).workflow(**self._workflow(target) | {"calendar_id": None})["id"]
        return Ask(f"/api/workflows/{number}/dry-run", {"days": 1, **body}, not_found=UNKNOWN)

    def _workflow(self, target: Target) -> dict[str, object]:
        named = {"name": f"Counting {target.number}", "category": f"Counting {target.number}"}
        return WORKFLOW | named | {"calendar_id": self._stored(target)}

    def _stored(self, target: Target) -> int:
        """Return the id of the target's calendar, which is added at the first call."""
        api = Api(self.api.client, company=target.company)
        for item in api.every("/api/calendars"):
            if item["name"] == f"Calendar {target.number}":
                return int(item["id"])
        return int(api.call("POST", "/api/calendars", self._body(target)).json["id"])

    def _body(self, target: Target) -> dict[str, object]:
        return document() | {"name": f"Calendar {target.number}"}
