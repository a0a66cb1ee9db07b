"""Versions are read once per process, and only a session of their company gets them."""

from typing import Any

import pytest
from service_kit.database.engine import Database
from workflow_service.store import workflows

from ..conftest import WORKFLOW, Api


def test_a_version_is_read_once(api: Api, database: Database, counting: Any) -> None:
    workflow_id = api.deployed()["id"]
    with database.session(1) as session:
        first = workflows.definition_of(session, 1, workflow_id, 1)
        with counting() as sent:
            assert workflows.definition_of(session, 1, workflow_id, 1) is first
    assert not sent


def test_a_new_version_is_another_one(api: Api, database: Database) -> None:
    workflow = api.workflow()
    with database.session(1) as session:
        assert workflows.definition_of(session, 1, workflow["id"], 1).capacity is None
    assert api.call("PUT", f"/api/workflows/{workflow['id']}", WORKFLOW | {"capacity": 3}).status_code == 200
    with database.session(1) as session:
        assert workflows.definition_of(session, 1, workflow["id"], 2).capacity == 3
        assert workflows.definition_of(session, 1, workflow["id"], 1).capacity is None


def test_a_session_of_another_company_gets_no_version_that_is_known(api: Api, database: Database) -> None:
    workflow_id = api.deployed()["id"]
    with database.session(1) as session:
        workflows.definition_of(session, 1, workflow_id, 1)
    with database.session(2) as session, pytest.raises(KeyError):
        workflows.definition_of(session, 1, workflow_id, 1)
