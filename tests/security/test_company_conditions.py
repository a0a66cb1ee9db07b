import pytest

from tests.security.company_conditions import without_conditions


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1 from t where company_id = %(company)s and id = 2", "select 1 from t where true and id = 2"),
        ("where t.company_id = %(company_id_1)s", "where true"),
        ("where company_id = $1 and id = $2", "where true and id = $2"),
        ("on t.company_id = e.company_id and t.id = e.id", "on true and t.id = e.id"),
        ("where id = 3 and COMPANY_ID = company", "where id = 3 and true"),
        ("where company_id = any (%(ids)s)", "where true"),
        ("on conflict (company_id, id) do update set company_id = t.company_id", None),
        ("insert into t (company_id) values (1)", None),
        ("select company_id from t", None),
    ],
)
def test_conditions_go_and_everything_else_stays(sql: str, expected: str | None) -> None:
    assert without_conditions(sql) == (sql if expected is None else expected)
