import psycopg2
import pytest

pytestmark = pytest.mark.postgres
BACKEND = "select pg_backend_pid(), current_setting('work_mem'), current_schema()"


def state(kit):
    ((backend, memory, schema),) = kit.rows(BACKEND)
    return backend, memory, schema


def test_the_next_block_has_the_same_connection_without_settings_and_locks(kit):
    backend, memory, schema = state(kit)
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("set work_mem = '99MB'; set search_path = pg_catalog; select pg_advisory_lock(4711)")
        assert connection.info.backend_pid == backend
    assert state(kit) == (backend, memory, schema) == (backend, memory, kit.schema)
    assert kit.rows("select from pg_locks where locktype = 'advisory' and objid = 4711") == []


def test_blocks_within_each_other_have_connections_of_their_own(kit):
    with kit.admin() as outer, kit.admin() as inner:
        assert outer.info.backend_pid != inner.info.backend_pid


def test_a_connection_with_an_open_transaction_is_not_kept(kit):
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("begin; lock table notes")
    assert connection.closed
    kit.clean()


def test_a_connection_whose_backend_was_ended_is_replaced(kit):
    with kit.admin() as ended, kit.admin() as other, other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", (ended.info.backend_pid,))
        with pytest.raises(psycopg2.OperationalError):
            ended.cursor().execute("select 1")
    assert state(kit)[2] == kit.schema


def test_a_kept_connection_that_was_ended_meanwhile_is_replaced(kit):
    backend, *_ = state(kit)
    with psycopg2.connect(kit.admin_url) as other, other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", (backend,))
    other.close()
    assert state(kit)[0] != backend
