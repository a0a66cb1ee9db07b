"""Who is notified of what: the rows of the table in docs/notifications.md."""

import pytest
from notification_service.domain import audience
from notification_service.domain.kinds import Kind
from notification_service.domain.people import People, Person, number_of
from notification_service.domain.ticket import Ticket

ANN, BOB, RIA, SAM, MAX, ADA = 1, 2, 3, 4, 5, 6
ROLES = {ANN: "agent", BOB: "agent", RIA: "requester", SAM: "requester", MAX: "manager", ADA: "admin"}


def people(*numbers: int) -> People:
    found = People()
    for number in numbers or ROLES:
        found.add(Person(number, f"User{number}@example.com", ROLES[number]))
    return found


def ticket(requester: int | None = RIA, assignee: int | None = ANN) -> Ticket:
    return Ticket(1, 42, requester, f"user{assignee}@example.com" if assignee else None)


def comment(of: Ticket, *mentions: int, author: int | None = None, internal: bool = False) -> audience.Audience:
    return audience.of_comment(of, people(), author=author, mentions=mentions, internal=internal)


def test_a_requester_gets_a_receipt_of_its_ticket() -> None:
    assert audience.of_creation(ticket(), people()) == {RIA: Kind.RECEIVED}
    assert audience.of_creation(ticket(None), people()) == {}


def test_an_assignee_is_notified_unless_it_took_the_ticket_itself() -> None:
    assert audience.of_assignment("user1@example.com", BOB, people()) == {ANN: Kind.ASSIGNED}
    assert audience.of_assignment("user1@example.com", None, people()) == {ANN: Kind.ASSIGNED}
    assert audience.of_assignment("user1@example.com", ANN, people()) == {}
    assert audience.of_assignment("nobody@example.com", BOB, people()) == {}
    assert audience.of_assignment(None, BOB, people()) == {}


def test_a_public_comment_reaches_the_requester_and_the_assignee_and_not_its_author() -> None:
    assert comment(ticket(), author=BOB) == {RIA: Kind.COMMENT, ANN: Kind.COMMENT}
    assert comment(ticket(), author=ANN) == {RIA: Kind.COMMENT}
    assert comment(ticket(), author=RIA) == {ANN: Kind.COMMENT}


def test_a_mention_takes_the_place_of_the_comment() -> None:
    assert comment(ticket(), ANN, BOB, author=RIA) == {ANN: Kind.MENTION, BOB: Kind.MENTION}
    assert comment(ticket(), BOB, author=BOB) == {RIA: Kind.COMMENT, ANN: Kind.COMMENT}


def test_an_internal_note_reaches_staff_alone_whoever_is_mentioned() -> None:
    assert comment(ticket(), RIA, SAM, BOB, author=MAX, internal=True) == {ANN: Kind.COMMENT, BOB: Kind.MENTION}
    assert comment(ticket(assignee=RIA), RIA, author=ANN, internal=True) == {}


def test_a_requester_is_notified_of_its_own_ticket_alone() -> None:
    assert comment(ticket(), SAM, author=ANN) == {RIA: Kind.COMMENT}
    assert comment(ticket(), RIA, author=ANN) == {RIA: Kind.MENTION}


def test_staff_who_sent_a_ticket_read_its_notes() -> None:
    assert comment(ticket(requester=BOB), author=ANN, internal=True) == {BOB: Kind.COMMENT}


def test_a_proposed_solution_reaches_the_assignee() -> None:
    assert audience.of_solution(ticket(), people()) == {ANN: Kind.SOLUTION}
    assert audience.of_solution(ticket(assignee=None), people()) == {}


@pytest.mark.parametrize("kind", [Kind.SLA_WARNING, Kind.SLA_BREACH])
def test_a_clock_reaches_the_assignee_and_the_managers(kind: Kind) -> None:
    assert audience.of_clock(kind, "user1@example.com", people()) == {ANN: kind, MAX: kind}
    assert audience.of_clock(kind, "user5@example.com", people()) == {MAX: kind}
    assert audience.of_clock(kind, None, people(ANN, ADA)) == {ADA: kind}


@pytest.mark.parametrize(
    ("subject", "number"),
    [("user:7", 7), ("person:user:7", 7), ("user:07", None), ("customer-7", None), ("user:7x", None), (None, None),
     ("workflow-service", None), ("user:9999999999999999999", None)],
)  # fmt: skip
def test_people_are_found_in_subjects_and_actors(subject: str | None, number: int | None) -> None:
    assert number_of(subject) == number
