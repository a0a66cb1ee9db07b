"""Every cell of the declared policy, asked of the service."""

import pytest
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..calendar_builders import CalendarRequests
from ..conftest import LINE, WORKFLOW, Api, Desk, email_of
from ..external_requests import ASSET

UNKNOWN = frozenset({400, 404})
"""A person or workflow is a field of the body: an unknown one is not valid."""


@pytest.fixture
def builders(made: ServiceDatabase, api: Api, desk: Desk) -> dict[str, Builder]:
    """Give a builder per row."""
    calendars = CalendarRequests(api)

    def body(target: Target) -> dict[str, object]:
        return WORKFLOW | {"name": f"Workflow {target.number}", "category": f"Category {target.number}"}

    def workflow(target: Target) -> int:
        return int(Api(api.client, company=target.company).workflow(**body(target))["id"])

    def deployed(target: Target) -> int:
        return int(Api(api.client, company=target.company).deployed(**body(target))["id"])

    def listed(target: Target) -> Ask:
        workflow(target)
        return Ask("/api/workflows?limit=100", shows=f'"Workflow {target.number}"')

    def workflow_of_tasks(company: int) -> None:
        """Let one workflow of the company take the tickets of the category Tasks."""
        if not made.rows("select 1 from workflows where company_id = %s and name = 'Tasks'", str(company)):
            names = ("open", "Assign to Team", "Done")
            steps = [{"name": name, "role": "agent", "order": order} for order, name in enumerate(names)]
            Api(api.client, company=company).deployed(name="Tasks", category="Tasks", department=None, steps=steps)

    def routed(target: Target) -> None:
        """Deliver a ticket of the target's company whose task its owner has."""
        member = {"email": email_of(target.owner), "name": "x", "role": "agent"}
        desk.team(target.number, company=target.company, department=None, members=[member])
        workflow_of_tasks(target.company)
        desk.route(target.number, company=target.company, team_id=target.number, team="x", category="Tasks")

    def task(target: Target) -> int:
        routed(target)
        number = str(target.number)
        (found,) = made.rows("select id from tasks where company_id = %s and ticket_id = %s", target.company, number)
        return int(found[0])

    def unmatched(target: Target) -> int:
        workflow_of_tasks(target.company)
        desk.route(target.number, company=target.company, category="Unmatched", department="Unmatched")
        return target.number

    def shown_in(path: str) -> Builder:
        def build(target: Target) -> Ask:
            task(target)
            return Ask(path.format(target.number), shows=f'"ticket_id":{target.number},')

        return build

    def of_person(target: Target) -> Ask:
        task(target)
        return Ask(
            f"/api/tasks?limit=100&assigned_user={email_of(target.owner)}", shows=f'"ticket_id":{target.number},'
        )

    def of_workflow(target: Target) -> Ask:
        number = deployed(target)
        desk.route(target.number, company=target.company, category=f"Category {target.number}")
        return Ask(f"/api/tasks?limit=100&workflow_id={number}", shows=f'"ticket_id":{target.number},')

    def order(action: str, body: dict[str, object]) -> Builder:
        return lambda target: Ask(f"/api/tasks/{task(target)}/{action}", body)

    def colleague(target: Target) -> str:
        name = f"colleague{target.number}"
        desk.user(target.number, name, company=target.company)
        return name

    def to_colleague(target: Target) -> Ask:
        body = {"user_email": f"{colleague(Target('own', 1, target.owner, target.number))}@example.com", "notes": "x"}
        return Ask(f"/api/tasks/{task(target)}/transfer", body)

    def own_task(target: Target) -> int:
        return task(Target("own", 1, "user:7", target.number))

    def to_user(target: Target) -> Ask:
        colleague(target)
        body = {"user_id": target.number, "notes": "x"}
        return Ask(f"/api/tasks/{own_task(target)}/transfer", body, not_found=UNKNOWN)

    def to_address(target: Target) -> Ask:
        body = {"user_email": f"{colleague(target)}@example.com", "notes": "x"}
        return Ask(f"/api/tasks/{own_task(target)}/transfer", body, not_found=UNKNOWN)

    def by_workflow(target: Target) -> Ask:
        number = unmatched(Target("own", 1, target.owner, target.number))
        chosen = Api(api.client, company=target.company).deployed(
            **body(target) | {"name": f"Chosen {target.number}", "department": f"Chosen {target.number}"}
        )
        return Ask(f"/api/workflows/unmatched/{number}/assign", {"workflow_id": chosen["id"]}, not_found=UNKNOWN)

    def to_workflow(target: Target) -> Ask:
        own = Target("own", 1, target.owner, target.number)
        number = unmatched(target)
        chosen = Api(api.client).deployed(
            **body(own) | {"name": f"Chosen {own.number}", "department": f"Chosen {own.number}"}
        )
        return Ask(f"/api/workflows/unmatched/{number}/assign", {"workflow_id": chosen["id"]})

    def unmatched_list(target: Target) -> Ask:
        return Ask("/api/workflows/unmatched?limit=100", shows=f'"ticket_id":{unmatched(target)},')

    def asking(action: str, body: dict[str, object], *, asked: bool = False) -> Builder:
        def build(target: Target) -> Ask:
            member = {"email": email_of(target.owner), "name": "x", "role": "agent"}
            desk.team(target.number, company=target.company, department=None, members=[member])
            admin = Api(api.client, company=target.company)
            if not made.rows(
                "select 1 from workflows where company_id = %s and name = 'Partners'", str(target.company)
            ):
                steps = [LINE[0] | {"external": "asset"}, *LINE[1:]]
                admin.deployed(name="Partners", category="Partners", department=None, steps=steps)
            desk.route(target.number, company=target.company, team_id=target.number, team="x", category="Partners")
            number = str(target.number)
            (found,) = made.rows(
                "select id from tasks where company_id = %s and ticket_id = %s", target.company, number
            )
            path = f"/api/tasks/{found[0]}/external"
            if asked:
                assert admin.call("POST", path, ASSET).status_code == 202
            return Ask(f"{path}{action}", body)

        return build

    def advance(target: Target) -> Ask:
        routed(target)
        return Ask(f"/api/tickets/{target.number}/advance-status")

    return {
        "GET /api/workflows/unmatched": unmatched_list,
        "POST /api/workflows/unmatched/{ticket_id}/assign": to_workflow,
        "POST /api/workflows/unmatched/{ticket_id}/assign (workflow_id)": by_workflow,
        "GET /api/tasks": shown_in("/api/tasks?limit=100"),
        "GET /api/tasks (assigned_user)": of_person,
        "GET /api/tasks (workflow_id)": of_workflow,
        "GET /api/tasks/mine": shown_in("/api/tasks/mine?limit=100"),
        "GET /api/tasks/{task_id}": lambda target: Ask(f"/api/tasks/{task(target)}"),
        "GET /api/tasks/{task_id}/explanation": lambda target: Ask(f"/api/tasks/{task(target)}/explanation"),
        "PATCH /api/tasks/{task_id}": lambda target: Ask(
            f"/api/tasks/{task(target)}", {"status": "in_progress", "notes": "x"}
        ),
        "POST /api/tasks/{task_id}/transition": order("transition", {"to": "Assign to Team", "notes": "x"}),
        "POST /api/tasks/{task_id}/transfer": to_colleague,
        "POST /api/tasks/{task_id}/transfer (user_id)": to_user,
        "POST /api/tasks/{task_id}/transfer (user_email)": to_address,
        "POST /api/tasks/{task_id}/escalate": order("escalate", {"reason": "x"}),
        "POST /api/tasks/{task_id}/external": asking("", ASSET),
        "POST /api/tasks/{task_id}/external (asset_id)": lambda target: asking("", ASSET)(
            Target("own", 1, "user:7", target.number)
        ),
        "POST /api/tasks/{task_id}/external/retry": asking("/retry", {"notes": "x"}, asked=True),
        "POST /api/tasks/{task_id}/external/decide": asking("/decide", {"approved": True, "reason": "x"}, asked=True),
        "POST /api/tickets/{ticket_id}/advance-status": advance,
        "GET /api/presence": lambda _target: Ask("/api/presence"),
        "PUT /api/presence": lambda target: Ask(
            "/api/presence", {"available": True, "until": f"2027-01-01T00:00:{target.number % 60:02}Z"}
        ),
        **shared_builders(made),
        "GET /api/calendars": calendars.listed,
        "POST /api/calendars": calendars.new,
        "GET /api/calendars/{calendar_id}": calendars.one,
        "PUT /api/calendars/{calendar_id}": calendars.changed,
        "DELETE /api/calendars/{calendar_id}": calendars.one,
        "POST /api/workflows (calendar_id)": calendars.of_new_workflow,
        "PUT /api/workflows/{workflow_id} (calendar_id)": calendars.of_workflow,
        "GET /api/workflows": listed,
        "POST /api/workflows": lambda target: Ask("/api/workflows", body(target) | {"name": f"New {target.number}"}),
        "GET /api/workflows/{workflow_id}": lambda target: Ask(f"/api/workflows/{workflow(target)}"),
        "PUT /api/workflows/{workflow_id}": lambda target: Ask(
            f"/api/workflows/{workflow(target)}", body(target) | {"high_sla": "PT7H"}
        ),
        "POST /api/workflows/{workflow_id}/deploy": lambda target: Ask(f"/api/workflows/{workflow(target)}/deploy"),
        "POST /api/workflows/{workflow_id}/pause": lambda target: Ask(f"/api/workflows/{deployed(target)}/pause"),
        "POST /api/workflows/{workflow_id}/apply": lambda target: Ask(
            f"/api/workflows/{workflow(target)}/apply", {"preview": False}
        ),
        "POST /api/calendars/{calendar_id}/apply": calendars.applied,
        "GET /api/policy-applications/{application_id}": calendars.application,
        "POST /api/workflows/{workflow_id}/dry-run": lambda target: Ask(
            f"/api/workflows/{workflow(target)}/dry-run", {"days": 7}
        ),
        "POST /api/workflows/{workflow_id}/dry-run (calendar_id)": calendars.of_dry_run,
        "POST /api/workflows/{workflow_id}/dry-run (definition.calendar_id)": calendars.of_replayed_definition,
        "GET /api/workflows/{workflow_id}/graph": lambda target: Ask(f"/api/workflows/{workflow(target)}/graph"),
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
