"""Services that have lost their copies of people and teams get everybody again."""

import subprocess
import sys
from typing import Any

import psycopg2
import requests
from psycopg2 import sql

from tests.stack import Stack, admin_url, eventually

REPLICAS = (
    ("ticket", "users", "user_id"), ("workflow", "users", "user_id"), ("notification", "users", "user_id"),
    ("ticket", "teams", "team_id"), ("workflow", "teams", "team_id"), ("routing", "teams", "team_id"),
)  # fmt: skip


def ids(stack: Stack, statement: str) -> dict[tuple[str, str], set[int]]:
    """Run a statement for every replica of the demo company and return the ids that it gives."""
    found = {}
    connection = psycopg2.connect(admin_url(), dbname=stack.name)
    with connection, connection.cursor() as cursor:
        for schema, table, key in REPLICAS:
            cursor.execute(sql.SQL(statement).format(table=sql.Identifier(schema, table), key=sql.Identifier(key)))
            found[schema, table] = {number for (number,) in cursor.fetchall()}
    connection.close()
    return found


def post(stack: Stack, path: str, body: dict[str, Any]) -> int:
    answer = requests.post(f"{stack.url}{path}", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_emptied_copies_fill_again_when_everybody_is_announced(stack: Stack) -> None:
    people = {
        post(stack, "/api/users", {"email": f"{name}@again.example", "username": f"{name} again", "role": "agent"})
        for name in ("ada", "ben")
    }
    team = post(stack, "/api/teams", {"name": "Filled again"})
    shown = "select {key} from {table} where company_id = 1"

    def is_complete(found: dict[tuple[str, str], set[int]]) -> bool:
        return all(({team} if table == "teams" else people) <= known for (_, table), known in found.items())

    eventually(lambda: ids(stack, shown), is_complete)
    ids(stack, "delete from {table} where company_id = 1 returning {key}")
    assert not any(ids(stack, shown).values())
    command = [sys.executable, "-m", "auth_service.command_line", "companies", "announce"]
    subprocess.run(command, env=stack.environment("auth-service"), cwd=stack.folder, check=True)
    eventually(lambda: ids(stack, shown), is_complete)
