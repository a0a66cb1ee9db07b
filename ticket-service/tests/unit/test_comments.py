"""Where a comment may stand, what it may say, and whom it may mention."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from marshmallow import Schema, ValidationError
from ticket_service.api.comment_schemas import CommentText
from ticket_service.domain.comment_text import MAX_TEXT_BYTES, fault_of_comment, stored_text
from ticket_service.domain.comments import (
    MAX_DEPTH,
    AuthorKind,
    BadComment,
    Comment,
    CommentDeleted,
    CommentState,
    NotTheAuthor,
    Reader,
    depth_of_reply,
)
from ticket_service.domain.mentions import check_mentions

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PUBLIC = Comment(
    id=3,
    uuid=uuid4(),
    company_id=1,
    ticket_id=42,
    ticket_uuid=uuid4(),
    parent_id=None,
    depth=0,
    internal=False,
    state=CommentState.SENT,
    author="person:user:7",
    author_kind=AuthorKind.AGENT,
    text="Hello",
    mentions=(),
    version=1,
    created_at=NOW,
    sent_at=NOW,
    edited_at=None,
    deleted_at=None,
)
NOTE = replace(PUBLIC, internal=True)


def test_a_reply_is_one_deeper_than_its_parent() -> None:
    assert depth_of_reply(PUBLIC, 42, internal=False) == 1
    assert depth_of_reply(replace(PUBLIC, depth=MAX_DEPTH - 1), 42, internal=True) == MAX_DEPTH
    assert depth_of_reply(NOTE, 42, internal=True) == 1


@pytest.mark.parametrize(
    ("parent", "internal"),
    [
        (None, False),
        (replace(PUBLIC, ticket_id=43), False),
        (replace(PUBLIC, state=CommentState.SCHEDULED), False),
        (replace(PUBLIC, state=CommentState.DELETED), False),
        (replace(PUBLIC, depth=MAX_DEPTH), False),
        (NOTE, False),
        (replace(NOTE, depth=MAX_DEPTH), True),
    ],
)
def test_a_reply_that_can_not_stand_there_is_refused(parent: Comment | None, internal: bool) -> None:
    with pytest.raises(BadComment) as refused:
        depth_of_reply(parent, 42, internal=internal)
    assert [error["field"] for error in refused.value.errors] == ["parent_id"]


def test_the_author_and_admins_change_a_comment() -> None:
    PUBLIC.check_changeable_by(Reader("person:user:7"))
    PUBLIC.check_changeable_by(Reader("person:user:8", is_admin=True))
    with pytest.raises(NotTheAuthor):
        PUBLIC.check_changeable_by(Reader("person:user:8"))
    with pytest.raises(CommentDeleted):
        replace(PUBLIC, state=CommentState.DELETED).check_not_deleted()


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("e\u0301", "\u00e9"),
        ("\tx", "\tx"),
        ("\u202eabc\u200f", "\u202eabc\u200f"),
        ("👩‍💻", "👩‍💻"),
    ],
)
def test_a_text_is_stored_in_one_form(sent: str, stored: str) -> None:
    assert stored_text(sent) == stored
    assert fault_of_comment(stored) is None
    assert stored_text(stored) == stored


@pytest.mark.parametrize("text", ["a\x00b", "a\x07", "\x1b[31m", "a\x7f", "a\x85b", "a\x0bb"])
def test_control_characters_are_refused(text: str) -> None:
    assert fault_of_comment(stored_text(text)) is not None


def test_a_text_is_measured_in_bytes_as_it_is_stored() -> None:
    assert fault_of_comment("x" * MAX_TEXT_BYTES) is None
    assert fault_of_comment("x" * (MAX_TEXT_BYTES + 1)) is not None
    assert fault_of_comment("\u00e9" * (MAX_TEXT_BYTES // 2)) is None
    assert fault_of_comment("\u00e9" * (MAX_TEXT_BYTES // 2 + 1)) is not None
    # NFC may lengthen a text: this letter is two in its composed form, which Unicode excludes from composition.
    lengthened = stored_text("\u0958" * (MAX_TEXT_BYTES // 3))
    assert len(lengthened.encode()) > MAX_TEXT_BYTES
    assert fault_of_comment(lengthened) is not None


def test_people_who_see_the_comment_may_be_mentioned() -> None:
    roles = {1: "agent", 2: "manager", 3: "admin", 7: "requester"}
    check_mentions([1, 2, 3], roles, requester=None, internal=True)
    check_mentions([1, 7], roles, requester="user:7", internal=False)
    for mentions, requester, internal in (
        ([9], "user:7", False),
        ([7], "user:7", True),
        ([7], "user:70", False),
        ([7], None, False),
    ):
        with pytest.raises(BadComment) as refused:
            check_mentions(mentions, roles, requester=requester, internal=internal)
        assert refused.value.errors[0]["field"] == "mentions.0"


@pytest.mark.parametrize("text", ["x" * 70_000, "é" * 40_000, "a\0b"])
def test_a_text_that_is_refused_is_refused_for_one_reason(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Schema.from_dict({"text": CommentText()})().load({"text": text})
    assert len(refused.value.normalized_messages()["text"]) == 1
