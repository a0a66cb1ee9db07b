"""A deleted company leaves nothing here."""

from datetime import timedelta

from company_kit.removal import CompanyRemoval
from notification_service.service import SERVICE

from ..conftest import Api, Desk, Rows

TABLES = """
    select relname from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'company_id'
    where relnamespace = 'notification'::regnamespace and relkind = 'r' order by 1
"""


def contents(rows: Rows, company: int) -> dict[str, int]:
    """Return the number of a company's rows by table, where there are any."""
    numbers = {
        name: rows(f"select count(*) from {name} where company_id = %s", str(company))[0][0] for (name,) in rows(TABLES)
    }
    return {name: number for name, number in numbers.items() if number}


def test_every_row_of_a_deleted_company_goes_and_no_other(api: Api, desk: Desk, rows: Rows) -> None:
    for company in (1, 2):
        desk.user(7, company=company)
        desk.deliver(desk.assigned(1, 7, company=company), desk.clock("sla.breached", 1, 7, company=company))
        assert Api(api.client, company=company).call("PUT", "/api/notifications/preferences", {}).status_code == 200
        hook = {"url": "https://hooks.example/", "events": ["*"], "headers": {"X-Key": "k"}}
        assert Api(api.client, company=company).call("POST", "/api/webhooks", hook).status_code == 201
        desk.deliver(desk.created(2, company=company))
        body = {"notification_type": "own", "subject": "s", "body": "b"}
        assert Api(api.client, company=company).call("POST", "/api/notification-templates", body).status_code == 201
    sender = SERVICE.instance(desk.settings).dependencies.webhooks.sender
    assert sorted(each.company_id for each in sender.claim(8)) == [1, 2]
    before = contents(rows, 1)
    assert {"users", "tickets", "notifications", "deliveries", "preferences", "templates"} <= before.keys()
    assert {"webhooks", "webhook_deliveries", "webhook_tries"} <= before.keys()
    desk.deliver(desk.created(3, company=1), desk.created(3, company=2))
    desk.deliver(desk.make("company.deleted", "company:2", company=2, revision=9, source="auth-service"))
    # Before its rows are removed, nobody is called any more for it.
    assert [each.company_id for each in sender.claim(8)] == [1]
    before = contents(rows, 1)
    CompanyRemoval(desk.database, late=timedelta(0)).run()
    assert contents(rows, 2).keys() <= {"tombstones", "inbox", "outbox"}
    assert contents(rows, 1) == before
    desk.user(8, company=2)
    desk.deliver(desk.assigned(2, 8, company=2))
    assert "notifications" not in contents(rows, 2)
