"""A page of tasks by due date is read from one index, whatever else a company has."""

from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import event
from workflow_service.store import task_lists
from workflow_service.store.task_lists import TaskFilter

from ..conftest import Api
from ..due_tasks import add_due_tasks


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(TaskFilter(), "tasks_by_due"), (TaskFilter(status=["pending", "in_progress"]), "tasks_open_by_due")],
    ids=["all", "open"],
)
def test_a_page_by_due_is_read_without_sorting(api: Api, made: ServiceDatabase, wanted: TaskFilter, index: str) -> None:
    add_due_tasks(made, api.deployed()["id"], 4_000)
    with made.admin() as connection, connection.cursor() as cursor:
        # Few tasks are open, and they are due after all the others.
        cursor.execute(
            "update tasks set status = case when id % 40 = 0 then 'pending' else 'closed' end,"
            " sla_deadline = now() + id * interval '1 s' + case when id % 40 = 0 then interval '1 day' else '0' end"
        )
        cursor.execute("vacuum analyze tasks")
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        sent.append((sql, values))

    with made.database.session(1) as session, session.begin():
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        first = task_lists.page(session, 1, wanted, by_due=True, after=None, limit=25)
        place = task_lists.place_by_due(first[-1])
        second = task_lists.page(session, 1, wanted, by_due=True, after=place, limit=25)
        assert len({task.id for task in (*first, *second)}) == 50
        for sql, values in list(sent):
            rows = connection.exec_driver_sql(f"explain {sql}", values)
            plan = "\n".join(rows.scalars())
            assert f"Index Scan using {index} on tasks" in plan, plan
            assert "Sort" not in plan
            assert "ROW(" in plan.split("Index Cond:")[1].split("Filter:")[0], plan
