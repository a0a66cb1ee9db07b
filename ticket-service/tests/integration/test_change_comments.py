"""Comments are changed, deleted and rated, and the earlier texts are kept until then."""

from collections.abc import Callable
from typing import Any

import pytest
from company_kit import company_rows
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .discussion import ANN, LEA, Discussion

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def desk(api: Api, made: ServiceDatabase) -> Discussion:
    return Discussion(api, made)


def test_the_author_and_admins_change_a_comment_and_others_do_not(desk: Discussion) -> None:
    path = f"/api/comments/{desk.add(desk.lea, 'one')['id']}"
    for other in (desk.max, desk.manager, desk.ann):
        assert other.call("PATCH", path, {"text": "mine"}).status_code == 403
        assert other.call("DELETE", path).status_code == 403
    for other in (desk.ben, desk.foreign):
        assert other.call("PATCH", path, {"text": "mine"}).status_code == 404
        assert other.call("DELETE", path).status_code == 404
    two = desk.lea.call("PATCH", path, {"text": "two"})
    assert (two.status_code, two.json["text"], two.json["version"]) == (200, "two", 2)
    assert two.json["edited_at"] is not None
    assert desk.lea.call("PATCH", path, {"text": "two"}).json["version"] == 2
    assert desk.admin.call("PATCH", path, {"text": "three"}).status_code == 200
    revisions = desk.max.every(f"{path}/revisions?limit=1")
    assert [(each["version"], each["text"], each["replaced_by"]) for each in revisions] == [
        (1, "one", f"person:{LEA}"),
        (2, "two", "person:user:1"),
    ]
    assert desk.ann.call("GET", f"{path}/revisions").status_code == 403
    assert [entry["event_type"] for entry in desk.lea.trail(desk.ticket)] == [
        "created", "comment", "comment_edited", "comment_edited",
    ]  # fmt: skip
    assert len(desk.published()) == 1


def test_a_deleted_comment_leaves_a_tombstone_with_its_replies(desk: Discussion, rows: Rows) -> None:
    made = desk.add(desk.lea, "the password is hunter2")
    path = f"/api/comments/{made['id']}"
    desk.add(desk.ann, "thanks", parent_id=made["id"])
    desk.lea.call("PATCH", path, {"text": "the password is hunter3"})
    desk.ann.call("PUT", f"{path}/rating", {"thumb": "up"})
    assert desk.lea.call("DELETE", path).status_code == 204
    assert desk.texts(desk.ann) == [None, "thanks"]
    gone = desk.lea.get(path)
    assert (gone["state"], gone["text"], gone["deleted_at"] is not None) == ("deleted", None, True)
    assert gone["ratings"]["thumbs_up"] == 0
    assert desk.lea.every(f"{path}/revisions") == []
    for method, below, body in (
        ("PATCH", "", {"text": "x"}),
        ("DELETE", "", None),
        ("PUT", "/rating", {"thumb": "up"}),
    ):
        refused = desk.lea.call(method, f"{path}{below}", body)
        assert (refused.status_code, refused.json["code"]) == (410, "comment_deleted")
    refused = desk.send(desk.ann, "x", parent_id=made["id"])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "parent_id")
    tables = [
        name
        for (name,) in rows(
            "select relname from pg_class where relkind = 'r' and relnamespace = %s::regnamespace", desk.made.schema
        )
    ]
    for table in tables:
        assert rows(f"select count(*) from {table} t where t::text like '%%hunter%%'") == [(0,)], table


@pytest.mark.parametrize("internal", [False, True])
def test_an_edit_and_a_deletion_are_published_without_text(desk: Discussion, rows: Rows, internal: bool) -> None:
    made = desk.add(desk.lea, "hunter1", internal=internal)
    path, before = f"/api/comments/{made['id']}", desk.lea.get(f"/api/tickets/{desk.ticket}")
    for text in ("hunter2", "hunter2", "hunter3"):
        edited = desk.lea.call("PATCH", path, {"text": text}).json
    assert desk.admin.call("DELETE", path).status_code == 204
    tombstone = desk.lea.get(path)
    (first, second, last) = desk.changes()
    shown = [(kind, revision, body["version"], body["actor"]) for kind, revision, body in (first, second, last)]
    assert shown == [
        ("ticket.comment.updated", 3, 2, f"person:{LEA}"),
        ("ticket.comment.updated", 4, 3, f"person:{LEA}"),
        ("ticket.comment.deleted", 5, 4, "person:user:1"),
    ]
    assert (second[2]["edited_at"], last[2]["deleted_at"]) == (edited["edited_at"], tombstone["deleted_at"])
    for _, _, body in (first, second, last):
        assert (body["ticket_id"], body["comment_id"], body["author"]) == (desk.ticket, made["id"], f"person:{LEA}")
        assert body["internal"] is internal
        assert "hunter" not in str(body)
    after = desk.lea.get(f"/api/tickets/{desk.ticket}")
    assert (after["version"], after["updated_at"]) == (before["version"], before["updated_at"])


def test_what_nobody_has_read_is_changed_and_taken_back_without_an_event(desk: Discussion) -> None:
    path = f"/api/comments/{desk.add(desk.lea, 'one', delay_seconds=30)['id']}"
    assert desk.lea.call("PATCH", path, {"text": "two"}).status_code == 200
    assert desk.lea.call("DELETE", path).status_code == 204
    assert desk.changes() == []


def test_each_person_has_one_thumb(desk: Discussion) -> None:
    path = f"/api/comments/{desk.add(desk.lea, 'Restart it.')['id']}"

    def rate(rater: Api, thumb: str | None) -> Any:
        rated = rater.call("PUT", f"{path}/rating", {"thumb": thumb})
        assert rated.status_code == 200, rated.text
        return rated.json["ratings"]

    assert rate(desk.ann, "up") == {"thumbs_up": 1, "thumbs_down": 0, "mine": "up"}
    assert rate(desk.ann, "up") == {"thumbs_up": 1, "thumbs_down": 0, "mine": "up"}
    assert rate(desk.max, "down") == {"thumbs_up": 1, "thumbs_down": 1, "mine": "down"}
    assert rate(desk.ann, "down") == {"thumbs_up": 0, "thumbs_down": 2, "mine": "down"}
    assert rate(desk.ann, None) == {"thumbs_up": 0, "thumbs_down": 1, "mine": None}
    assert rate(desk.ann, None) == {"thumbs_up": 0, "thumbs_down": 1, "mine": None}
    assert desk.max.every(desk.path)[0]["ratings"] == {"thumbs_up": 0, "thumbs_down": 1, "mine": "down"}
    assert desk.ann.call("PUT", f"{path}/rating", {"thumb": "sideways"}).status_code == 400
    assert desk.ben.call("PUT", f"{path}/rating", {"thumb": "up"}).status_code == 404
    rated = [entry for entry in desk.lea.trail(desk.ticket) if entry["event_type"] == "comment_rated"]
    assert len(rated) == 4


def test_the_tag_covers_text_and_ratings_and_the_condition_the_text_alone(desk: Discussion) -> None:
    path = f"/api/comments/{desk.add(desk.lea, 'one')['id']}"
    first = desk.lea.call("GET", path).headers["ETag"]
    assert desk.lea.call("GET", path, If_None_Match=first).status_code == 304
    desk.ann.call("PUT", f"{path}/rating", {"thumb": "up"})
    assert desk.lea.call("GET", path, If_None_Match=first).status_code == 200
    changed = desk.lea.call("PATCH", path, {"text": "two"}, If_Match=first)
    assert changed.status_code == 200
    assert changed.headers["ETag"] == desk.lea.call("GET", path).headers["ETag"]
    stale = desk.lea.call("PATCH", path, {"text": "three"}, If_Match=first)
    assert (stale.status_code, stale.json["code"]) == (412, "stale_version")
    assert desk.lea.call("DELETE", path, If_Match=first).status_code == 412
    assert desk.lea.call("DELETE", path, If_Match=changed.headers["ETag"]).status_code == 204


def test_the_audit_names_who_changed_a_comment_and_holds_no_text(desk: Discussion, rows: Rows) -> None:
    made = desk.add(desk.lea, "hunter2")
    desk.admin.call("PATCH", f"/api/comments/{made['id']}", {"text": "hunter33"})
    desk.ann.call("PUT", f"/api/comments/{made['id']}/rating", {"thumb": "down"})
    found = rows(
        "select action, actor, ticket_id, changes::text from audit where record like 'comment%%' order by at, id"
    )
    assert [(action, actor, ticket) for action, actor, ticket, _ in found] == [
        ("comment.created", LEA, desk.ticket),
        ("comment.updated", "user:1", desk.ticket),
        ("comment_rating.created", ANN, desk.ticket),
    ]
    assert not [changes for *_, changes in found if "hunter" in changes]


def test_the_comments_of_a_deleted_company_go_in_batches_that_divide_threads(
    desk: Discussion, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = desk.add(desk.lea, "0")["id"]
    for depth in range(1, 5):
        parent = desk.add(desk.lea, str(depth), parent_id=parent)["id"]
        desk.lea.call("PATCH", f"/api/comments/{parent}", {"text": "edited"})
        desk.ann.call("PUT", f"/api/comments/{parent}/rating", {"thumb": "up"})
    monkeypatch.setattr(company_rows, "MAX_ROWS_PER_DELETE", 2)
    company_rows.delete_company_rows(desk.made.database, 1, without=("audit",))
    for table in ("tickets", "comments", "comment_revisions", "comment_ratings"):
        assert rows(f"select count(*) from {table}") == [(0,)]
