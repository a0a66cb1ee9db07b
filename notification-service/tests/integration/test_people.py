"""The replica of people."""

from ..conftest import Desk, Rows

PEOPLE = "select user_id, email, role, is_active from users order by user_id"


def test_the_newest_state_of_a_person_is_kept_whatever_the_order(desk: Desk, rows: Rows) -> None:
    desk.user(7, "manager", kind="updated", revision=3)
    desk.user(7, "agent", kind="created", revision=1)
    desk.user(7, "admin", kind="updated", revision=2)
    assert rows(PEOPLE) == [(7, "user7@example.com", "manager", True)]


def test_of_a_deleted_person_the_number_alone_stays(desk: Desk, rows: Rows) -> None:
    desk.user(7)
    desk.user(7, kind="deleted", revision=2)
    assert rows(PEOPLE) == [(7, "", "agent", False)]
    desk.user(7, kind="updated", revision=1)
    assert rows(PEOPLE) == [(7, "", "agent", False)]
