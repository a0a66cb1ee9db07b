import pytest
from service_kit.database import tables
from sqlalchemy import TableClause

pytestmark = pytest.mark.postgres


def test_the_kits_tables_match_their_definition_for_queries(kit):
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select table_name::text, array_agg(column_name::text order by ordinal_position) "
            "from information_schema.columns where table_schema = 'kit' group by 1"
        )
        real = dict(cursor.fetchall())
    declared = {name: table for name, table in vars(tables).items() if isinstance(table, TableClause)}
    assert declared
    for name, table in declared.items():
        assert list(table.columns.keys()) == real[name]
