"""Which ticket a mail answers, and that nobody can forge it."""

import pytest
from notification_service.domain.mail.threads import (
    MAX_LOCAL_CHARACTERS,
    Proof,
    ReplyTags,
    mailbox_address,
    message_ids,
    subject_number,
)

TAGS = ReplyTags(b"k" * 32)


def address(company: int = 1, ticket: int = 42, user: int = 7, mailbox: str = "desk@company.example") -> str:
    found = TAGS.reply_address(mailbox, company, ticket, user)
    assert found is not None
    return found


def test_a_reply_address_proves_its_ticket_and_its_person_in_any_case_of_letters() -> None:
    made = address()
    assert len(made.partition("@")[0]) <= MAX_LOCAL_CHARACTERS
    assert TAGS.proof(1, [made], []) == Proof(42, 7)
    assert TAGS.proof(1, ["other@x.example", made.upper()], []) == Proof(42, 7)


def test_a_reply_address_of_a_note_proves_that_the_answer_is_internal() -> None:
    made = TAGS.reply_address("desk@company.example", 1, 42, 7, internal=True)
    assert made is not None
    assert TAGS.proof(1, [made.upper()], []) == Proof(42, 7, internal=True)
    assert TAGS.proof(1, [made.replace("n.", ".")], []) is None
    assert TAGS.proof(1, [address().replace("-7.", "-7n.")], []) is None


@pytest.mark.parametrize(
    "forged",
    [
        address().replace("t42-", "t43-"),
        address().replace("-7.", "-8."),
        address(company=2),
        address().replace("@", "a@"),
        "desk+t42@company.example",
        "desk+t42-7.aaaaaaaaaaaaaaaa@company.example",
        ReplyTags(b"x" * 32).reply_address("desk@company.example", 1, 42, 7),
        "desk+t99999999999999999999-7.aaaaaaaaaaaaaaaa@company.example",
    ],
)
def test_a_forged_reply_address_proves_nothing(forged: str) -> None:
    assert TAGS.proof(1, [forged], []) is None


def test_a_root_id_proves_its_ticket_and_no_person() -> None:
    root = TAGS.root_id(1, 42, "company.example").strip("<>")
    assert TAGS.proof(1, [], ["x@y", root]) == Proof(42)
    assert TAGS.proof(2, [], [root]) is None
    assert TAGS.proof(1, [], [root.replace("t42", "t43")]) is None
    # What is signed for one purpose is worth nothing for the other.
    mac = root.partition(".")[2].partition("@")[0]
    assert TAGS.proof(1, [f"desk+t42-0.{mac}@company.example"], []) is None


def test_a_reply_address_comes_before_references() -> None:
    root = TAGS.root_id(1, 43, "company.example").strip("<>")
    assert TAGS.proof(1, [address()], [root]) == Proof(42, 7)


def test_a_mailbox_whose_name_is_too_long_gets_no_reply_address() -> None:
    assert TAGS.reply_address(f"{'d' * 50}@company.example", 1, 42, 7) is None


def test_the_mailbox_of_a_tagged_address() -> None:
    assert mailbox_address("Desk+T42-7.abc@Company.example ") == "desk@company.example"


def test_message_ids_are_read_newest_first_without_doubles() -> None:
    assert message_ids("<c@x>", "<a@x> nonsense <b@x>\t<c@x>") == ("c@x", "b@x", "a@x")
    assert message_ids("no ids", "<>", "<" + "a" * 600 + ">") == ()


@pytest.mark.parametrize(
    ("subject", "number"), [("Re: [#42] Printer", 42), ("[#0] x", None), ("#42", None), ("[#42a]", None)]
)
def test_a_number_in_a_subject(subject: str, number: int | None) -> None:
    assert subject_number(subject) == number
