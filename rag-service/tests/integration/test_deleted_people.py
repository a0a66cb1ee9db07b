"""A deleted person's conversations go at once; those of others stay."""

from collections.abc import Callable

import pytest
from service_kit.identity import REQUESTER

from ..conftest import Api, Rows, World, eventually


def talk(client: object, company: int, subject: str) -> str:
    """Ask something as a person; return the conversation."""
    who = Api(client, company=company, role=REQUESTER, subject=subject)  # type: ignore[arg-type]
    conversation: str = who.final("Is the printer broken?")["conversation_id"]
    return conversation


@pytest.mark.parametrize("twice", [False, True])
def test_the_conversations_of_a_deleted_person_are_deleted(
    world: World, make_api: Callable[..., Api], rows: Rows, twice: bool
) -> None:
    client = make_api().client
    for _ in range(3):
        talk(client, 1, "user:7")
    others = {talk(client, 1, "user:77"), talk(client, 1, "7"), talk(client, 2, "user:7")}
    message = world.send("user.deleted", subject="user:7", company=1, user_id=7)
    if twice:
        world.again(message)
    eventually(lambda: {str(row[0]) for row in rows("select id from conversations")} == others)
    assert {str(row[0]) for row in rows("select conversation_id from turns")} == others


def test_a_person_without_conversations_is_no_error(world: World, rows: Rows) -> None:
    world.send("user.deleted", subject="user:9", company=1, user_id=9)
    world.send("user.deleted", subject="user:10", company=5, user_id=10)
    eventually(lambda: rows("select count(*) from inbox where queue = 'rag-service.forget-people'") == [(2,)])
