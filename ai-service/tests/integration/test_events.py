"""Events in, one `ticket.categorized` out: the worker on a real database."""

from collections.abc import Callable

from ai_service.adapters.claude.testing import MessagesApi, says
from model_kit.claude.testing import Stall
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from ..conftest import Api, Rows, World, eventually


def test_a_new_ticket_is_categorized_once(world: World, rows: Rows) -> None:
    created = world.ticket(42, "vpn password", description="URGENT")
    (result,) = world.categorized()
    assert result["ticket_id"] == 42
    assert result["ticket_uuid"] == "7d444840-9dc0-51d1-b245-5ffdce74fad2"
    assert (result["department"], result["category"], result["confidence_score"]) == ("IT Support", "IT Support", 70)
    assert (result["decided_by"], result["need_admin"], result["priority"]) == ("keywords", False, "urgent")
    assert result["reason"] == "2 words of IT Support: vpn, password"
    assert result["revision"] == 1
    assert result["attributes"]["causeid"] == created.id
    assert result["attributes"]["requestid"] == "request-1"
    assert "0af7651916cd43dd8448eb211c80319c" in result["attributes"]["traceparent"]
    assert rows("select department, confidence, decided_by from predictions") == [("IT Support", 70.0, "keywords")]


def test_the_same_event_twice_makes_one_prediction(world: World, rows: Rows) -> None:
    created = world.ticket(1, "vpn")
    world.categorized(1)
    world.again(created)
    world.again(created)
    world.ticket(2, "invoice")
    assert [result["ticket_id"] for result in world.categorized(2)] == [1, 2]
    assert rows("select count(*) from predictions") == [(2,)]


def test_each_ticket_of_a_batch_is_categorized(world: World) -> None:
    for number in range(1, 101):
        world.ticket(number, ("vpn", "invoice", "salary", "heating", "zzz")[number % 5])
    result = {each["ticket_id"]: each["department"] for each in world.categorized(100)}
    assert len(result) == 100
    assert result[5] == "IT Support"
    assert result[8] == "Facilities"
    assert result[9] == "General"


def test_another_event_about_a_ticket_gets_the_next_revision(world: World) -> None:
    world.ticket(1, "vpn")
    world.categorized(1)
    world.ticket(1, "invoice")
    assert [each["revision"] for each in world.categorized(2)] == [1, 2]


def test_events_about_one_ticket_in_one_batch_get_a_revision_each(world: World) -> None:
    for _ in range(5):
        world.ticket(1, "vpn")
    assert [each["revision"] for each in world.categorized(5)] == [1, 2, 3, 4, 5]


def test_the_data_of_a_deleted_ticket_is_deleted_and_stays_so(world: World, rows: Rows) -> None:
    world.ticket(1, "vpn")
    world.ticket(2, "vpn")
    world.categorized(2)
    world.send("ticket.deleted", subject="1", ticket_id=1)
    eventually(lambda: rows("select ticket_id from predictions") == [(2,)])
    world.ticket(1, "vpn")
    world.ticket(3, "vpn")
    assert [result["ticket_id"] for result in world.categorized(3)] == [1, 2, 3]
    assert rows("select ticket_id from predictions order by 1") == [(2,), (3,)]


def test_a_closed_department_gets_no_more_tickets(world: World, rows: Rows) -> None:
    world.department("updated", 1, "IT Support", is_active=False)
    eventually(lambda: bool(rows("select 1 from departments")))
    world.ticket(1, "vpn password")
    (result,) = world.categorized()
    assert (result["department"], result["need_admin"]) == ("General", True)


def test_a_department_that_a_company_added_gets_its_tickets_and_no_other_companys(world: World, rows: Rows) -> None:
    world.department("created", 6, "Legal", description="lawsuits", company=7)
    eventually(lambda: bool(rows("select 1 from departments")))
    world.ticket(1, "a lawsuit", company=7)
    world.ticket(1, "a lawsuit", company=8)
    result = {each["company_id"]: each["department"] for each in world.categorized(2)}
    assert result == {7: "Legal", 8: "General"}


def test_the_latest_departments_hold_in_any_order_of_arrival(world: World, rows: Rows) -> None:
    world.department("deleted", 6, "Legal", revision=3)
    world.department("updated", 6, "Legal & Compliance", revision=2)
    world.department("created", 6, "Legal", revision=1)
    world.department("created", 7, "Marketing", revision=1)
    eventually(lambda: len(rows("select 1 from departments")) == 2)
    assert rows("select name, is_active, revision from departments order by department_id") == [
        ("Legal", False, 3),
        ("Marketing", True, 1),
    ]


def test_claude_categorizes_where_a_key_is_set(make_world: Callable[..., World], claude: MessagesApi) -> None:
    claude.always(says("Facilities", 91, "It is about a door."))
    world = make_world(ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=claude.url)
    world.ticket(1, "vpn password")
    (result,) = world.categorized()
    assert (result["department"], result["decided_by"], result["confidence_score"]) == ("Facilities", "claude", 91)
    assert result["model"] == "claude-haiku-5-5"


def test_a_text_claude_has_read_is_not_paid_for_again_until_its_ticket_is_deleted(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi, rows: Rows
) -> None:
    settings = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    world, api = make_world(**settings), make_api(**settings)
    world.ticket(1, "vpn password")
    world.categorized()
    assert api.categorize({"title": "vpn password", "description": ""}).json["cached"]
    assert len(claude.requests) == 1
    world.send("ticket.deleted", subject="1", ticket_id=1)
    eventually(lambda: rows("select (select count(*) from predictions), (select count(*) from answers)") == [(0, 0)])


def test_with_claude_stalling_every_ticket_is_still_categorized(
    make_world: Callable[..., World], claude: MessagesApi
) -> None:
    claude.always(Stall())
    world = make_world(ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=claude.url, ANTHROPIC_DEADLINE_SECONDS="0.5")
    for number in range(1, 41):
        world.ticket(number, "vpn password")
    result = world.categorized(40)
    assert {each["decided_by"] for each in result} == {"keywords"}
    # Eight at once were asked before the breaker knew, each with a second try at most.
    assert len(claude.requests) <= 24


def test_the_text_of_a_ticket_is_data_whatever_it_contains(world: World) -> None:
    world.ticket(1, "'; drop table predictions; --", description='"{\\,}" \u2028 🎫 vpn')
    world.ticket(2, "vpn\0", description="\0")
    for result in world.categorized(2):
        assert result["department"] == "IT Support"


def test_a_company_sees_only_its_own_predictions(world: World, made: ServiceDatabase) -> None:
    world.ticket(1, "vpn", company=1)
    world.ticket(2, "vpn", company=2)
    world.categorized(2)
    for company, tickets in {1: [1], 2: [2], 3: []}.items():
        with made.database.session(company) as session:
            found = session.execute(text("select ticket_id from predictions")).scalars().all()
        assert found == tickets
