"""Tasks that begin, move and end by events of other services."""

from typing import Any

from workflow_service.usecases.offer_tasks import Sweep

from ..conftest import Api, Desk, Rows


def test_a_routed_ticket_gets_a_task_of_the_default_workflow(api: Api, desk: Desk, published: Any) -> None:
    desk.team(1, "ann", "bob")
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    assert (task["ticket_id"], task["current_step"], task["status"]) == (42, "open", "pending")
    assert (task["assigned_user"], task["department"], task["priority"]) == ("ann@example.com", "IT Support", "low")
    assert task["matched_by"] == "the company has no workflow of its own"
    (event,) = published("ticket.assigned")
    assert (event["task_id"], event["step"], event["assignee"]) == (task["task_id"], "open", "ann@example.com")
    assert (event["revision"], event["action"], event["breached"]) == (1, "created", False)
    assert event["due"] == task["sla_deadline"] is not None


def test_three_tickets_take_each_branch_of_matching(api: Api, desk: Desk, published: Any) -> None:
    exact = api.deployed()
    any_department = api.deployed(name="Any", department=None)
    desk.route(1)
    desk.route(2, department="HR")
    desk.route(3, category="Finance", department="Finance")
    chosen = {task["ticket_id"]: (task["workflow_id"], task["matched_by"]) for task in api.every("/api/tasks")}
    assert chosen == {
        1: (exact["id"], "category, sub_category and department"),
        2: (any_department["id"], "category and sub_category"),
    }
    (waiting,) = api.get("/api/workflows/unmatched")["items"]
    assert (waiting["ticket_id"], waiting["category"]) == (3, "Finance")
    assert [event["ticket_id"] for event in published("task.unmatched")] == [3]


def test_a_sub_category_chooses_the_workflow_and_a_task_shows_the_external_id(api: Api, desk: Desk) -> None:
    laptops = api.deployed(name="Laptops", sub_category="Laptop", department=None)
    whole = api.deployed()
    exact = api.deployed(name="Laptops of IT", sub_category="laptop")
    desk.route(1, sub_category="LAPTOP", external_ticket_id="HD-1")
    desk.route(2, sub_category="Laptop", department="HR")
    desk.route(3)
    desk.route(4, sub_category="Screen")
    found = {task["ticket_id"]: (task["workflow_id"], task["external_ticket_id"]) for task in api.every("/api/tasks")}
    assert found == {1: (exact["id"], "HD-1"), 2: (laptops["id"], None), 3: (whole["id"], None)}
    (waiting,) = api.get("/api/workflows/unmatched")["items"]
    assert (waiting["ticket_id"], waiting["sub_category"]) == (4, "Screen")


def test_a_later_sub_category_moves_no_task_and_matches_an_unmatched_ticket(api: Api, desk: Desk) -> None:
    whole = api.deployed()
    laptops = api.deployed(name="Laptops", sub_category="Laptop")
    desk.route(1)
    desk.route(2, sub_category="Screen")
    for ticket in (1, 2):
        desk.route(ticket, revision=2, sub_category="Laptop", external_ticket_id="HD-1")
    found = {task["ticket_id"]: task["workflow_id"] for task in api.every("/api/tasks")}
    assert found == {1: whole["id"], 2: laptops["id"]}
    assert api.get("/api/workflows/unmatched")["items"] == []


def test_a_person_chooses_the_workflow_of_an_unmatched_ticket(api: Api, desk: Desk) -> None:
    chosen = api.deployed()
    desk.route(3, category="Finance", department="Finance")
    begun = api.call("POST", "/api/workflows/unmatched/3/assign", {"workflow_id": chosen["id"]})
    assert (begun.status_code, begun.json["matched_by"]) == (201, "chosen by a person")
    assert api.get("/api/workflows/unmatched")["items"] == []
    again = api.call("POST", "/api/workflows/unmatched/3/assign", {"workflow_id": chosen["id"]})
    assert (again.status_code, again.json["code"]) == (404, "ticket_not_found")


def test_an_unmatched_ticket_that_is_rerouted_is_matched_again(api: Api, desk: Desk) -> None:
    api.deployed()
    desk.route(3, category="Finance", department="Finance")
    desk.route(3, revision=2)
    assert api.get("/api/workflows/unmatched")["items"] == []
    assert [task["ticket_id"] for task in api.get("/api/tasks")["items"]] == [3]


def test_no_workflow_that_is_unknown_or_a_draft_can_be_chosen(api: Api, desk: Desk) -> None:
    api.deployed()
    draft = api.workflow(name="Draft")
    desk.route(3, category="Finance")
    refused = api.call("POST", "/api/workflows/unmatched/3/assign", {"workflow_id": draft["id"]})
    assert (refused.status_code, refused.json["code"]) == (409, "workflow_not_deployed")
    unknown = api.call("POST", "/api/workflows/unmatched/3/assign", {"workflow_id": 999})
    assert (unknown.status_code, unknown.json["errors"][0]["field"]) == (400, "workflow_id")


def test_doubled_and_late_events_change_nothing(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann")
    desk.route(42, revision=2)
    before = rows("select * from tasks"), rows("select * from task_events")
    desk.route(42, revision=2)
    desk.route(42, revision=1, department="HR")
    assert (rows("select * from tasks"), rows("select * from task_events")) == before


def test_a_rerouted_ticket_goes_to_its_new_pool_and_keeps_its_step_and_history(api: Api, desk: Desk) -> None:
    desk.team(1, "ann", department="IT Support")
    desk.team(2, "eve", department="HR")
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    api.call("POST", "/api/tickets/42/advance-status")
    desk.route(42, revision=2, department="HR")
    moved = api.get(f"/api/tasks/{task['task_id']}")
    assert (moved["assigned_user"], moved["department"]) == ("eve@example.com", "HR")
    assert (moved["current_step"], moved["status"]) == ("Assign to Team", "in_progress")
    assert [line["action"] for line in moved["history"]] == ["rerouted", "transition", "created"]


def test_who_works_in_the_new_pool_too_keeps_a_rerouted_task(api: Api, desk: Desk) -> None:
    desk.team(1, "ann", department=None)
    desk.route(42)
    desk.route(42, revision=2, department="HR", priority="urgent")
    (task,) = api.get("/api/tasks")["items"]
    assert (task["assigned_user"], task["department"], task["priority"]) == ("ann@example.com", "HR", "urgent")


def test_a_deleted_ticket_takes_its_task_with_it_for_good(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann")
    desk.route(42)
    desk.delete(42)
    for table in ("tasks", "task_events", "assignments"):
        assert rows(f"select * from {table}") == []
    desk.route(42, revision=5)
    assert rows("select * from tasks") == []


def test_a_ticket_that_is_deleted_before_it_is_routed_gets_no_task(api: Api, desk: Desk, rows: Rows) -> None:
    desk.deliver(desk.routed(42), desk.deleted(42))
    desk.delete(43)
    desk.route(43)
    assert rows("select * from tasks") == []
    assert rows("select ticket_id from tickets where gone order by 1") == [(42,), (43,)]


def test_running_tasks_keep_their_version(api: Api, desk: Desk) -> None:
    workflow = api.deployed()
    desk.route(1)
    steps = [{"name": name, "role": "agent", "order": order} for order, name in enumerate(("Start", "Stop"))]
    changed = {name: workflow[name] for name in ("name", "category", "department")} | {"steps": steps}
    changed |= {f"{priority}_sla": workflow[f"{priority}_sla"] for priority in ("urgent", "high", "medium", "low")}
    assert api.call("PUT", f"/api/workflows/{workflow['id']}", changed).status_code == 200
    desk.route(2)
    tasks = {task["ticket_id"]: (task["workflow_version"], task["current_step"]) for task in api.every("/api/tasks")}
    assert tasks == {1: (1, "New"), 2: (2, "Start")}
    assert api.call("POST", "/api/tickets/1/advance-status").json["current_step"] == "Work"
    assert api.call("POST", "/api/tickets/2/advance-status").json["status"] == "completed"


def test_a_paused_workflow_takes_no_ticket_and_its_tasks_go_on(api: Api, desk: Desk) -> None:
    workflow = api.deployed()
    desk.route(1)
    api.call("POST", f"/api/workflows/{workflow['id']}/pause")
    desk.route(2)
    assert [task["ticket_id"] for task in api.every("/api/tasks")] == [1]
    assert [row["ticket_id"] for row in api.get("/api/workflows/unmatched")["items"]] == [2]
    assert api.call("POST", "/api/tickets/1/advance-status").status_code == 200


def test_a_batch_begins_many_tasks_and_deals_them_in_turn(api: Api, desk: Desk) -> None:
    desk.team(1, "ann", "bob", "eve")
    desk.deliver(*(desk.routed(number) for number in range(1, 31)))
    dealt = [task["assigned_user"] for task in api.every("/api/tasks")]
    assert sorted((dealt.count(email), email) for email in set(dealt)) == [
        (10, "ann@example.com"), (10, "bob@example.com"), (10, "eve@example.com"),
    ]  # fmt: skip


def test_a_task_waits_in_its_pool_until_somebody_is_there(api: Api, desk: Desk) -> None:
    desk.route(42)
    (task,) = api.get("/api/tasks")["items"]
    assert task["assigned_user"] is None
    Sweep(desk.database).run()
    desk.team(1, "ann")
    Sweep(desk.database).run()
    offered = api.get(f"/api/tasks/{task['task_id']}")
    assert offered["assigned_user"] == "ann@example.com"
    assert [line["action"] for line in offered["history"]] == ["offered", "created"]


def test_work_of_people_who_leave_is_offered_again(api: Api, desk: Desk) -> None:
    desk.team(1, "ann")
    desk.route(42)
    api.call("POST", "/api/tickets/42/advance-status")
    desk.team(1, "bob", revision=2)
    Sweep(desk.database).run()
    (task,) = api.get("/api/tasks")["items"]
    assert (task["assigned_user"], task["status"]) == ("bob@example.com", "in_progress")


def test_a_deactivated_user_gets_no_work_and_loses_what_is_open(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann", "bob")
    desk.route(42)
    desk.user(7, "ann", is_active=False)
    Sweep(desk.database).run()
    desk.route(43)
    assert {task["assigned_user"] for task in api.every("/api/tasks")} == {"bob@example.com"}
    desk.user(7, "ann", kind="deleted", revision=2, is_active=False)
    assert rows("select email from users") == [("",)]


def test_another_companys_events_begin_nothing_here(api: Api, desk: Desk) -> None:
    desk.team(1, "ann")
    desk.route(42, company=2)
    assert api.get("/api/tasks")["items"] == []
    (theirs,) = Api(api.client, company=2).get("/api/tasks")["items"]
    assert theirs["assigned_user"] is None


def test_a_task_follows_the_status_of_its_ticket(api: Api, desk: Desk, published: Any) -> None:
    desk.team(1, "ann")
    desk.route(42)
    seen = []
    for revision, status in enumerate(
        ("in_progress", "on_hold", "resolved", "in_progress", "closed", "in_progress"), 2
    ):
        desk.status(42, status, revision=revision)
        (task,) = api.get("/api/tasks")["items"]
        seen.append((task["status"], task["current_step"]))
    assert seen == [
        ("in_progress", "open"),
        ("in_progress", "open"),
        ("completed", "Done"),
        ("in_progress", "open"),
        ("closed", "Done"),
        ("in_progress", "open"),
    ]
    actions = [event["action"] for event in published("ticket.assigned") if event["action"] != "clocks"]
    assert actions[1:] == [
        "ticket in_progress", "ticket resolved", "ticket in_progress", "ticket closed", "ticket in_progress",
    ]  # fmt: skip


def test_a_late_or_doubled_status_moves_nothing(api: Api, desk: Desk, rows: Rows) -> None:
    desk.team(1, "ann")
    desk.route(42)
    desk.status(42, "closed", revision=5)
    before = rows("select * from tasks")
    desk.status(42, "closed", revision=5)
    desk.status(42, "in_progress", revision=4)
    assert rows("select * from tasks") == before


def test_a_ticket_that_ended_before_it_was_routed_has_an_ended_task(api: Api, desk: Desk) -> None:
    desk.team(1, "ann")
    desk.status(42, "closed", revision=2)
    desk.route(42)
    desk.deliver(desk.routed(43), desk.moved(43, "resolved", revision=2))
    tasks = {task["ticket_id"]: (task["status"], task["current_step"]) for task in api.every("/api/tasks")}
    assert tasks == {42: ("closed", "Done"), 43: ("completed", "Done")}
    desk.route(42, revision=2, department="HR")
    assert {task["status"] for task in api.every("/api/tasks")} == {"closed", "completed"}


def test_no_approval_keeps_a_task_open_whose_ticket_has_ended_and_the_history_says_so(
    api: Api, desk: Desk, published: Any
) -> None:
    steps = [
        {"name": "Ask", "role": "agent", "order": 1, "requires_approval": True},
        {"name": "Done", "role": "agent", "order": 2},
    ]
    api.deployed(steps=steps)
    desk.route(42)
    desk.status(42, "resolved", revision=2)
    (task,) = api.get("/api/tasks")["items"]
    assert task["status"] == "completed"
    action = api.get(f"/api/tasks/{task['task_id']}")["history"][0]["action"]
    assert action == "ticket resolved without approval"
    assert action in [event["action"] for event in published("ticket.assigned")]
