"""A company that is marked as deleted is removed, and nothing of another company is."""

from datetime import timedelta

import pytest
from company_kit import deletions
from company_kit.company_rows import MAX_ROWS_PER_DELETE, delete_company_rows
from company_kit.removal import CompanyRemoval
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Counts, Fill

pytestmark = pytest.mark.postgres
ACME, GLOBEX = 7, 77
AT_ONCE = timedelta(0)


def mark(desk: ServiceDatabase, *companies: int) -> None:
    with desk.database.session(*companies) as session, session.begin():
        deletions.mark(session, companies)


def states(desk: ServiceDatabase) -> list[tuple[int, bool]]:
    return desk.rows("select id, removed_at is not null from deleted_companies order by id")


def test_all_rows_of_a_company_go_and_no_other_companys(desk: ServiceDatabase, fill: Fill, counts: Counts) -> None:
    fill(ACME)
    fill(GLOBEX)
    before = counts(GLOBEX)
    assert len(before) == 12
    mark(desk, ACME)
    CompanyRemoval(desk.database, late=AT_ONCE).run()
    assert counts(ACME) == {}
    assert counts(GLOBEX) == before
    assert desk.rows("select id from companies order by id") == [(GLOBEX,)]
    assert states(desk) == [(ACME, True)]


def test_a_company_that_is_not_marked_stays(desk: ServiceDatabase, fill: Fill, counts: Counts) -> None:
    fill(ACME)
    before = counts(ACME)
    CompanyRemoval(desk.database, late=AT_ONCE).run()
    assert counts(ACME) == before


def test_the_tombstone_and_the_announcement_of_the_deletion_stay(desk: ServiceDatabase, counts: Counts) -> None:
    with desk.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            insert into tombstones (company_id, subject) values (7, 'company:7'), (7, 'company:77'), (7, '7');
            insert into outbox (id, company_id, subject, type, revision, body, actor_kind)
            select gen_random_uuid(), 7, 'company:7', type, 1, '{}', 'person'
            from unnest(array['company.created', 'company.deleted']) as t (type)
            """
        )
    mark(desk, ACME)
    CompanyRemoval(desk.database, late=AT_ONCE).run()
    assert desk.rows("select subject from tombstones") == [("company:7",)]
    assert desk.rows("select type from outbox") == [("company.deleted",)]


def test_a_table_larger_than_a_batch_goes_too(desk: ServiceDatabase, fill: Fill, counts: Counts) -> None:
    fill(ACME, papers=2 * MAX_ROWS_PER_DELETE + 1)
    fill(GLOBEX, papers=1)
    assert delete_company_rows(desk.database, ACME) > 2 * MAX_ROWS_PER_DELETE
    assert counts(ACME).keys() == {"audit"}, "only the owner's function removes audit records"
    assert counts(GLOBEX)["papers"] == 1


def test_what_lies_outside_goes_first_and_is_tried_again_where_it_fails(
    desk: ServiceDatabase, fill: Fill, counts: Counts
) -> None:
    fill(ACME)
    fill(GLOBEX)
    mark(desk, ACME, GLOBEX)
    seen: list[tuple[int, bool]] = []
    broken = {ACME}

    def remove_outside(company: int) -> None:
        seen.append((company, "papers" in counts(company)))
        if company in broken:
            raise OSError("the disk is read-only")

    removal = CompanyRemoval(desk.database, remove_outside=remove_outside, late=AT_ONCE)
    with pytest.raises(OSError, match="read-only"):
        removal.run()
    assert sorted(seen) == [(ACME, True), (GLOBEX, True)]
    assert "papers" in counts(ACME)
    assert counts(GLOBEX) == {}
    broken.clear()
    removal.run()
    assert counts(ACME) == {}
    assert states(desk) == [(ACME, True), (GLOBEX, True)]


def test_it_is_repeated_as_long_as_something_may_write_for_the_company(
    desk: ServiceDatabase, fill: Fill, counts: Counts
) -> None:
    fill(ACME)
    mark(desk, ACME)
    removal = CompanyRemoval(desk.database, needed_to_the_end=["papers", "a_drawers", "desks"])
    removal.run()
    assert counts(ACME).keys() == {"papers", "a_drawers", "desks", "desk_log"}
    assert states(desk) == [(ACME, False)]
    late_request = "insert into revisions values (7, 'q', 's', '9', 't', 1) returning 1"
    assert desk.rows(late_request) == [(1,)]
    removal.run()
    assert "revisions" not in counts(ACME)
    assert desk.rows("update deleted_companies set deleted_at = now() - interval '31 minutes' returning 1") == [(1,)]
    removal.run()
    assert counts(ACME) == {}
    assert states(desk) == [(ACME, True)]


def test_a_deletion_that_is_announced_twice_is_marked_once(desk: ServiceDatabase) -> None:
    mark(desk, ACME)
    CompanyRemoval(desk.database, late=AT_ONCE).run()
    mark(desk, ACME)
    assert states(desk) == [(ACME, True)]
    with desk.database.session(ACME) as session:
        assert deletions.is_marked(session, ACME)
        assert not deletions.is_marked(session, GLOBEX)
