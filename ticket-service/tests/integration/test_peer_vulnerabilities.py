"""Published faults of other help desks, as tests of this service. `docs/security.md` lists them all."""

from itertools import pairwise
from urllib.parse import quote
from uuid import UUID

import pytest
from service_kit.identity import AGENT, REQUESTER

from ..conftest import DRAFT, Api

TEMPLATES = ("{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{% print(7*7) %}", "{{''.__class__.__mro__}}", "%(title)s")
OPERATORS = (
    "' or '1'='1", "open') or (1=1", "1; select pg_sleep(2) --", "1) or pg_sleep(2) is null --", "\\' or 1=1 --",
    "pending,closed", "!=closed", ">0", "%", "*", "[]", '{"$ne": 1}',
)  # fmt: skip


def test_cve_2026_26026_what_looks_like_a_template_stays_text(api: Api) -> None:
    """GLPI: a template that was compiled twice ran what a ticket said."""
    for template in TEMPLATES:
        made = api.create(title=template, description=template, user_name=template, metadata={template: template})
        shown = [
            made,
            api.get(f"/api/tickets/{made['id']}"),
            api.get(f"/api/tickets?q={quote(template)}")["tickets"][0],
        ]
        for ticket in shown:
            assert ticket["title"] == ticket["description"] == ticket["user_name"] == template
            assert ticket["metadata"] == {template: template}
        assert "49" not in str(api.trail(made["id"])[0]["payload"])


@pytest.mark.parametrize(
    "name",
    ["status", "department", "team", "team_id", "priority", "customer_id", "requester", "sort", "need_admin", "q"],
)
def test_cve_2025_21628_no_filter_reaches_the_query_as_text(api: Api, name: str) -> None:
    """Chatwoot: an operator of a filter was SQL."""
    api.create(title="Salary")
    for value in OPERATORS:
        answer = api.call("GET", f"/api/tickets?{name}={quote(value)}")
        assert answer.status_code in (200, 400)
        assert answer.status_code == 400 or answer.json["tickets"] == []
        unknown = api.call("GET", f"/api/tickets?{quote(name + value)}=1")
        assert unknown.status_code == 400


def test_cve_2026_115725_a_machine_gets_no_foreign_ticket_by_an_id_in_the_body(api: Api) -> None:
    """Chatwoot: a bot's token and a foreign id in the body gave another account's conversations."""
    bot = Api(api.client, company=2, role="service", subject="rag-service")
    sent = {"subject": "s", "body": "b", "customer_id": "user:7"}
    ours = api.call("POST", "/tickets", sent).json["ticket_id"]
    theirs = bot.call("POST", "/tickets", sent).json["ticket_id"]
    assert ours != theirs
    assert bot.call("GET", f"/tickets/{ours}").status_code == 404


def test_cve_2026_40496_ids_that_open_something_can_not_be_guessed(api: Api) -> None:
    """FreeScout: ids of attachments followed from their number and the time."""
    files = [UUID(api.stored(f"{n}".encode(), f"{n}.txt")["id"]) for n in range(20)]
    tickets = [UUID(api.create()["uuid"]) for _ in range(20)]
    for ids in (files, tickets):
        assert {each.version for each in ids} == {4}
        assert min((one.int ^ two.int).bit_count() for one, two in pairwise(ids)) >= 30
        assert len({each.int >> 96 for each in ids}) == len(ids)


def test_cve_2026_40569_nobody_writes_as_somebody_else(api: Api) -> None:
    """FreeScout: a message could be made to come from an agent."""
    number = api.create()["id"]
    requester = Api(api.client, role=REQUESTER, subject="user:5")
    for field in ("actor", "assignee", "decided_by", "department", "team", "status", "version", "customer_id", "run"):
        refused = requester.call("POST", "/api/tickets", DRAFT | {field: "user:1"})
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field)
    agent = Api(api.client, role=AGENT, subject="user:9")
    assert agent.call("PATCH", f"/api/tickets/{number}", {"title": "x", "actor": "user:1"}).status_code == 400
    agent.call("PATCH", f"/api/tickets/{number}", {"title": "x"}, X_User_Id="user:1", X_Actor="person:user:1")
    assert api.trail(number)[-1]["actor"] == "person:user:9"
