"""The tests that hold a service against its declared policy and the API's conventions.

A service's `test_policy.py` gives a builder per row.

A subclass sets `calls`; its module has the fixtures `api`, `builders` and `made`.
"""

from typing import Any, ClassVar

import pytest
from service_kit.testing.calls import Calls
from service_kit.testing.postgres import ServiceDatabase
from smartticket_contracts import policy

from tests.conventions.conditions import wrong_changes, wrong_records
from tests.conventions.repeats import wrong_posts
from tests.conventions.requests_of_rows import ServiceUnderTest
from tests.security.audit import revealing_columns, unaudited
from tests.security.isolation import Service, isolation_without_conditions, without_row_level_security
from tests.security.policy import Builder, wrong_cells

Builders = dict[str, Builder]


class PolicyTests:
    """Every cell of the table, and the proof that row-level security alone separates the companies."""

    calls: ClassVar[type[Calls]]
    rows_apart: ClassVar[bool] = True
    """A test for each row; False where the builders take far longer than the requests."""
    audited_elsewhere: ClassVar[tuple[str, ...]] = ()
    """Rows whose changes leave a record in another test, because they need a password or a code."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give `rows` to the test of the cells."""
        if "rows" in metafunc.fixturenames:
            declared = list(policy.rows(self.calls.name))
            groups = [[row] for row in declared] if self.rows_apart else [declared]
            ids = [row.key for row in declared] if self.rows_apart else ["all rows"]
            metafunc.parametrize("rows", groups, ids=ids)

    def test_the_service_answers_as_the_policy_says(self, rows: list[policy.Row], api: Any, builders: Builders) -> None:
        """Send the requests of every cell."""
        assert [cell for row in rows for cell in wrong_cells(self.calls, api.client, row, builders[row.key])] == []

    def test_row_level_security_alone_separates_the_companies(
        self, api: Any, builders: Builders, made: ServiceDatabase
    ) -> None:
        """Let each function that queries lose its condition on the company in turn."""
        service = Service(self.calls, api.client, made)
        result = isolation_without_conditions(service, policy.rows(self.calls.name), builders)
        assert result.leaks == []
        assert len(result.functions) > 5

    def test_without_it_the_same_requests_show_foreign_rows(
        self, api: Any, builders: Builders, made: ServiceDatabase
    ) -> None:
        """Show that the proof above would notice a leak."""
        service = Service(self.calls, api.client, made)
        with without_row_level_security(made):
            result = isolation_without_conditions(service, policy.rows(self.calls.name), builders, in_turn=False)
        assert len(result.leaks) > 5

    def test_every_change_leaves_a_record_of_who_made_it_and_from_where(
        self, api: Any, builders: Builders, made: ServiceDatabase
    ) -> None:
        """Send the requests that change something and look into the audit."""
        rows = policy.rows(self.calls.name)
        assert unaudited(self.calls, api.client, rows, builders, made, elsewhere=self.audited_elsewhere) == []

    def test_no_record_shows_a_column_that_may_hold_a_secret_or_a_text(self, made: ServiceDatabase) -> None:
        """Look at the columns that the audit shows."""
        assert revealing_columns(made) == []

    def test_a_post_that_is_sent_again_with_its_key_has_one_effect_and_one_answer(
        self, api: Any, builders: Builders, made: ServiceDatabase
    ) -> None:
        """Send each POST twice with one Idempotency-Key."""
        assert wrong_posts(ServiceUnderTest(api, made, builders), self.calls.name) == {}

    def test_a_change_with_a_stale_tag_is_412_and_of_writers_with_one_tag_one_wins(
        self, api: Any, builders: Builders, made: ServiceDatabase
    ) -> None:
        """Send each change with stale, weak, malformed and right tags, and from many threads."""
        wrong = wrong_changes(ServiceUnderTest(api, made, builders), self.calls.name)
        assert wrong == {}, wrong

    def test_a_record_has_a_strong_tag_and_is_304_where_the_caller_has_it(
        self, api: Any, builders: Builders, made: ServiceDatabase
    ) -> None:
        """Read each record twice."""
        assert wrong_records(ServiceUnderTest(api, made, builders), self.calls.name) == {}
