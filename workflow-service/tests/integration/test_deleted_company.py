"""A deleted company leaves nothing here."""

from datetime import timedelta

from company_kit.removal import CompanyRemoval

from ..conftest import LINE, Api, Desk, Rows

TABLES = """
    select relname from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'company_id'
    where relnamespace = 'workflow'::regnamespace and relkind = 'r' order by 1
"""


def contents(rows: Rows, company: int) -> dict[str, int]:
    """Return the number of a company's rows by table, where there are any."""
    numbers = {
        name: rows(f"select count(*) from {name} where company_id = %s", str(company))[0][0] for (name,) in rows(TABLES)
    }
    return {name: number for name, number in numbers.items() if number}


def test_every_row_of_a_deleted_company_goes_and_no_other(api: Api, desk: Desk, rows: Rows) -> None:
    for company in (1, 2):
        caller = Api(api.client, company=company)
        desk.team(1, "ann", leads=("zoe",), company=company)
        desk.user(1, "ann", company=company)
        desk.route(1, company=company)
        caller.call("POST", "/api/tickets/1/advance-status")
        caller.call("POST", f"/api/tasks/{caller.get('/api/tasks')['items'][0]['task_id']}/escalate", {"reason": "x"})
        caller.call("PUT", "/api/presence", {"available": True})
        caller.call("POST", f"/api/workflows/{caller.deployed()['id']}/apply", {"preview": False})
        caller.deployed(name="Partners", category="Partners", steps=[LINE[0] | {"external": "asset"}, *LINE[1:]])
        desk.route(4, company=company, category="Partners")
        desk.route(2, company=company, category="Nothing")
    before = contents(rows, 1)
    assert {
        "tasks",
        "external_requests",
        "task_events",
        "assignments",
        "escalations",
        "presence",
        "turns",
        "users",
        "policy_applications",
    } <= before.keys()
    desk.deliver(desk.make("company.deleted", "company:2", company=2, revision=9, source="auth-service"))
    CompanyRemoval(desk.database, late=timedelta(0)).run()
    assert contents(rows, 2).keys() <= {"tombstones", "inbox", "outbox"}
    assert contents(rows, 1) == before
    desk.route(3, company=2)
    assert "tasks" not in contents(rows, 2)
