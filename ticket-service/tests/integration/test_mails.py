"""Mails become tickets and comments: the right one, once, with the rights that they prove."""

from typing import Any

import pytest
from ticket_service.domain.mail import MAX_FETCHES
from ticket_service.usecases.fetch_mail_files import fetch_due

from ..conftest import Api
from .received_mails import ANN, EVE, Mails, Rows, comments_of, mails, the_ticket

__all__ = ["mails"]


def test_a_mail_opens_a_ticket(api: Api, mails: Mails, rows: Rows) -> None:
    mails.send(subject="Printer", text="It jams.\n> all of it", answer="It jams.", sender_name="Ann")
    ticket = the_ticket(api)
    assert (ticket["title"], ticket["description"]) == ("Printer", "It jams.\n> all of it")
    assert (ticket["user_name"], ticket["user_email"]) == ("Ann", ANN)
    kinds = [row[0] for row in rows("select type from outbox order by type")]
    assert kinds == ["mail.accepted", "ticket.created"]
    assert api.trail(ticket["id"])[0]["actor"] == f"mail:{ANN}"


def test_a_mail_that_is_delivered_twice_has_one_effect(api: Api, mails: Mails) -> None:
    message = mails.make()
    mails.deliver(message, message)
    assert the_ticket(api)
    answer = mails.make(references=["1@x"])
    mails.deliver(answer, answer)
    assert len(comments_of(api)) == 1


def test_an_answer_to_a_mail_becomes_a_comment_with_its_new_part(api: Api, mails: Mails) -> None:
    mails.send()
    mails.send(references=["other@x", "1@x"], text="Works.\n> old", answer="Works.")
    (comment,) = comments_of(api)
    assert comment["text"] == "Works."
    assert comment["author_kind"] == "requester"
    assert comment["mail"] == {
        "sender": ANN, "participant": True, "automatic": False, "whole_text": "Works.\n> old", "missing_files": [],
    }  # fmt: skip
    # An answer to the answer belongs to the same ticket.
    mails.send(references=["2@x"])
    assert len(comments_of(api)) == 2


def test_a_proven_ticket_counts_more_than_references(api: Api, mails: Mails) -> None:
    mails.send()
    second = api.create_unrouted()
    mails.send(references=["1@x"], proven_ticket_id=second)
    assert len(comments_of(api, second)) == 1


def test_a_ticket_of_another_company_proves_nothing(api: Api, mails: Mails) -> None:
    foreign = Api(api.client, company=2).create_unrouted()
    mails.send(proven_ticket_id=foreign, subject_ticket_id=foreign)
    mails.send(company=2, message_id="a@y")
    mails.send(references=["a@y"])
    assert api.get("/api/tickets")["count"] == 2
    assert comments_of(Api(api.client, company=2), foreign) == []


def test_a_stranger_with_a_reference_is_marked_and_gets_no_rights(api: Api, mails: Mails) -> None:
    mails.send(sender_user_id=7, sender_role="requester")
    mails.send(references=["1@x"], sender_email=EVE)
    mails.send(references=["1@x"], sender_email=EVE, sender_user_id=9, sender_role="admin")
    mails.send(references=["1@x"], sender_email=EVE, proven_user_id=7)
    comments = comments_of(api)
    assert {comment["author"] for comment in comments} == {f"mail:{EVE}"}
    assert not any(comment["mail"]["participant"] for comment in comments)


def test_a_stranger_is_no_staff_to_the_requester(api: Api, mails: Mails) -> None:
    mails.send(sender_user_id=7, sender_role="requester")
    mails.send(references=["1@x"], sender_email=EVE)
    mails.send(references=["1@x"], proven_user_id=8, sender_user_id=8, sender_role="agent")
    comments = comments_of(Api(api.client, role="requester", subject="user:7"), the_ticket(api)["id"])
    assert [comment["author"] for comment in comments] == ["mail", "staff"]


def test_an_answer_to_an_internal_note_is_one(api: Api, mails: Mails) -> None:
    mails.send(sender_email=ANN, message_id="open@x")
    agent: dict[str, Any] = {"sender_user_id": 7, "sender_role": "agent", "sender_email": "bob@company.example"}
    mails.send(
        references=["open@x"], proven_user_id=7, internal=True, text="She is upset.", message_id="note@x", **agent
    )
    mails.send(references=["note@x", "open@x"], text="I will call her.", **agent)
    mails.send(references=["open@x"], text="We look into it.", **agent)
    found = {each["text"]: each["internal"] for each in comments_of(api)}
    assert found == {"She is upset.": True, "I will call her.": True, "We look into it.": False}


def test_a_number_in_the_subject_counts_for_those_who_take_part(api: Api, mails: Mails) -> None:
    mails.send()
    ticket = the_ticket(api)["id"]
    mails.send(subject_ticket_id=ticket, sender_email=EVE)
    assert api.get("/api/tickets")["count"] == 2
    mails.send(subject_ticket_id=ticket, sender_email=ANN.upper())
    assert len(comments_of(api, ticket)) == 1
    # Having been answered as a stranger makes nobody take part.
    mails.send(references=["1@x"], sender_email=EVE)
    mails.send(subject_ticket_id=ticket, sender_email=EVE)
    assert api.get("/api/tickets")["count"] == 3


def test_a_person_who_answers_its_own_notification_writes_under_its_account(api: Api, mails: Mails, rows: Rows) -> None:
    ticket = api.create_unrouted()
    mails.send(proven_ticket_id=ticket, proven_user_id=9, sender_user_id=9, sender_role="agent")
    (comment,) = comments_of(api, ticket)
    assert (comment["author"], comment["author_kind"]) == ("person:user:9", "agent")
    mails.send(proven_ticket_id=ticket, proven_user_id=9, sender_user_id=8, sender_role="agent")
    assert comments_of(api, ticket)[1]["author"] == f"mail:{ANN}"


def test_the_requester_sees_the_own_comment_by_mail_and_nothing_of_the_mail(api: Api, mails: Mails) -> None:
    mails.send(sender_user_id=7, sender_role="requester")
    mails.send(references=["1@x"], sender_user_id=7, sender_role="requester")
    requester = Api(api.client, role="requester", subject="user:7")
    (comment,) = comments_of(requester, the_ticket(api)["id"])
    assert comment["author"] == "person:user:7"
    assert "mail" not in comment


def test_a_requester_takes_no_unproven_address_for_staff(api: Api, mails: Mails) -> None:
    mails.send(sender_user_id=7, sender_role="requester")
    ticket = the_ticket(api)["id"]
    mails.send(references=["1@x"], sender_email=EVE)
    mails.send(references=["1@x"], automatic=True, sender_user_id=7)
    mails.send(proven_ticket_id=ticket, proven_user_id=9, sender_user_id=9, sender_role="agent")
    shown = comments_of(Api(api.client, role="requester", subject="user:7"), ticket)
    assert [comment["author"] for comment in shown] == ["mail", "mail", "staff"]


def test_an_automatic_mail_is_a_machine_and_owns_no_ticket(api: Api, mails: Mails, rows: Rows) -> None:
    mails.send(sender_user_id=7, sender_role="requester")
    mails.send(references=["1@x"], automatic=True, sender_user_id=7)
    (comment,) = comments_of(api)
    assert (comment["author_kind"], comment["mail"]["automatic"]) == ("machine", True)
    mails.send(automatic=True, sender_user_id=7)
    assert rows("select customer_id from tickets order by id desc limit 1") == [(None,)]


def test_an_answer_to_a_deleted_ticket_opens_another_one(api: Api, mails: Mails) -> None:
    mails.send()
    api.call("DELETE", f"/api/tickets/{the_ticket(api)['id']}")
    mails.send(references=["1@x"], proven_ticket_id=1)
    assert the_ticket(api)


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_an_answer_to_a_settled_ticket_leaves_its_status_as_a_comment_by_the_api_does(
    api: Api, mails: Mails, status: str
) -> None:
    mails.send(sender_user_id=7, sender_role="requester")
    ticket = the_ticket(api)["id"]
    assert api.call("PUT", f"/api/tickets/{ticket}/status", {"status": status}).status_code == 200
    requester = Api(api.client, role="requester", subject="user:7")
    written = requester.call("POST", f"/api/tickets/{ticket}/comments", {"text": "By the API."})
    assert written.status_code == 201, written.text
    by_api = the_ticket(api)["status"]
    mails.send(references=["1@x"], text="By mail.", sender_user_id=7, sender_role="requester")
    assert [each["text"] for each in comments_of(api, ticket)] == ["By the API.", "By mail."]
    assert (by_api, the_ticket(api)["status"]) == (status, status)
    # The requester reopens it in both cases by the status, and the thread goes on there.
    assert requester.call("PUT", f"/api/tickets/{ticket}/status", {"status": "in_progress"}).status_code == 200
    mails.send(references=["1@x"], text="It jams again.")
    assert len(comments_of(api, ticket)) == 3


def test_a_mail_without_a_text_or_with_too_much_of_it(api: Api, mails: Mails) -> None:
    mails.send(text="", message_id=None)
    assert the_ticket(api)["description"] == "(no text)"
    mails.send(proven_ticket_id=the_ticket(api)["id"], text="ü" * 60_000)
    (comment,) = comments_of(api)
    assert comment["text"].endswith("[…]")
    assert len(comment["text"].encode()) <= 64 * 1024
    assert len(comment["mail"]["whole_text"]) == 60_000


def test_a_deleted_comment_takes_the_whole_text_with_it(api: Api, mails: Mails, rows: Rows) -> None:
    mails.send()
    mails.send(references=["1@x"], text="Secret.\n> old", answer="Secret.")
    api.call("DELETE", f"/api/comments/{comments_of(api)[0]['id']}")
    assert rows("select count(*) from mails where whole_text is not null") == [(0,)]


def test_files_are_fetched_for_the_comment(api: Api, mails: Mails) -> None:
    mails.send(files={"log.txt": b"connection lost", "photo.png": b"\x89PNG"})
    (comment,) = comments_of(api)
    assert comment["text"] == "Files: log.txt, photo.png"
    assert [each["name"] for each in comment["mail"]["missing_files"]] == ["log.txt", "photo.png"]
    fetch_due(mails.tools)
    (comment,) = comments_of(api)
    (file,) = comment["files"]
    assert file["name"] == "log.txt"
    content = api.call("GET", f"/api/comments/{comment['id']}/files/{file['id']}/content")
    assert content.data == b"connection lost"
    assert fetch_due(mails.tools) == 0


def test_files_of_an_answer_wait_while_they_cannot_be_had(api: Api, mails: Mails, rows: Rows) -> None:
    mails.send()
    mails.send(references=["1@x"], files={"log.txt": b"abc", "photo.png": b"\x89PNG"})
    mails.source.is_down = True
    fetch_due(mails.tools)
    missing = comments_of(api)[0]["mail"]["missing_files"]
    assert [each["reason"] for each in missing] == ["it is being fetched"] * 2
    assert fetch_due(mails.tools) == 0
    mails.source.is_down = False
    rows("update mail_files set next_try_at = now() returning mail_id")
    fetch_due(mails.tools)
    (comment,) = comments_of(api)
    assert [each["name"] for each in comment["files"]] == ["log.txt"]
    (refused,) = comment["mail"]["missing_files"]
    assert refused["name"] == "photo.png"
    assert "not accepted" in refused["reason"]


def test_a_file_that_never_comes_is_given_up(api: Api, mails: Mails, rows: Rows) -> None:
    mails.send()
    mails.send(references=["1@x"], files={"log.txt": b"abc"})
    mails.source.is_down = True
    for _ in range(MAX_FETCHES):
        rows("update mail_files set next_try_at = now() returning mail_id")
        fetch_due(mails.tools)
    (missing,) = comments_of(api)[0]["mail"]["missing_files"]
    assert missing["reason"].startswith("given up")


def test_a_file_of_a_comment_that_was_deleted_is_not_stored(api: Api, mails: Mails, on_disk: Any) -> None:
    mails.send()
    mails.send(references=["1@x"], files={"log.txt": b"abc"})
    api.call("DELETE", f"/api/comments/{comments_of(api)[0]['id']}")
    fetch_due(mails.tools)
    assert on_disk() == []
