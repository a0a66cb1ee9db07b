"""Services enter the bus inside PostgreSQL by its functions only, and reach nothing of each other."""

import psycopg2
import pytest
from eventbus.bus.port import BusDown, LostLease, Outgoing
from eventbus.bus.postgres import install
from eventbus.bus.postgres.install import FUNCTIONS
from init_db.provision import admin_connection
from psycopg2 import errors

from .acting import collect, consumer_of, ids, publisher_of, queue, send
from .worlds import SERVICES, PostgresWorld, message

WORK = queue("beta.work", "ticket.*")
CALLS_ON_A_QUEUE = [
    "select * from bus.receive('beta.work', 10, 30, 1)",
    "select bus.settle('beta.work', '{1}', '{1}')",
    "select bus.release('beta.work', '{1}', '{1}')",
    "select bus.renew('beta.work', '{1}', '{1}', 30)",
    "select bus.reclaim('beta.work')",
    "select bus.depth('beta.work')",
    "select * from bus.dead_letters('beta.work', 10)",
    "select bus.forget_dead('beta.work', '{1}')",
]


def run_as(world: PostgresWorld, service: str, statement: str) -> None:
    """Run a statement with a service's own login role."""
    connection = psycopg2.connect(world.address(service))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize("call", CALLS_ON_A_QUEUE)
def test_a_service_reaches_its_own_queues_and_no_others(postgres_world: PostgresWorld, call: str) -> None:
    postgres_world.bus("beta").declare([WORK])
    run_as(postgres_world, "beta", call)
    with pytest.raises(errors.InsufficientPrivilege, match="another service"):
        run_as(postgres_world, "alpha", call)


def test_every_function_that_services_may_call_is_tried_above_or_has_a_test_of_its_own() -> None:
    elsewhere = {"declare", "request_refill", "refill_requests", "publish", "open"}
    tried = {call.split("bus.")[1].split("(")[0] for call in CALLS_ON_A_QUEUE}
    assert {function.split("(")[0] for function in FUNCTIONS} == tried | elsewhere


@pytest.mark.parametrize("table", ["queue", "binding", "message", "principal", "refill"])
@pytest.mark.parametrize("verb", ["select * from", "delete from", "truncate"])
def test_no_service_reaches_a_table_of_the_bus(postgres_world: PostgresWorld, verb: str, table: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        run_as(postgres_world, "alpha", f"{verb} bus.{table}")


def test_no_service_calls_the_functions_behind_the_door(postgres_world: PostgresWorld) -> None:
    for call in ("bus.ask_for_refill('beta.work')", "bus.caller()", "bus.check_own('alpha.x')", "bus.regex_of('a')"):
        with pytest.raises(errors.InsufficientPrivilege):
            run_as(postgres_world, "alpha", f"select {call}")


def test_a_service_publishes_as_itself_only(postgres_world: PostgresWorld) -> None:
    postgres_world.bus("beta").declare([WORK])
    forged = Outgoing(message("ticket.created", source="gamma"))
    with pytest.raises(errors.InsufficientPrivilege, match="may not publish for another source"):
        postgres_world.send(publisher_of(postgres_world), [forged])


def test_what_an_existing_queue_is_bound_to_is_its_owners_business(postgres_world: PostgresWorld) -> None:
    consumer = consumer_of(postgres_world, WORK)
    assert postgres_world.bus("gamma").declare([queue(WORK.name, "nothing.of.use")]) == []
    sent = send(postgres_world, "ticket.created")
    assert ids(collect(consumer, 1)) == sent


def test_a_queue_of_an_unknown_service_can_not_be_made(postgres_world: PostgresWorld) -> None:
    with pytest.raises(BusDown, match="belongs to no service"):
        postgres_world.bus("alpha").declare([queue("delta.work", "ticket.*")])


def test_publishing_counts_when_the_relay_commits_and_not_before(postgres_world: PostgresWorld) -> None:
    consumer = consumer_of(postgres_world, WORK)
    relay = postgres_world.databases["alpha"].relay_connection()
    relay.autocommit = False
    try:
        publisher_of(postgres_world).publish(relay, [Outgoing(message("ticket.created"))])
        assert consumer.receive(1, 0.3) == []
        relay.rollback()
        assert consumer.receive(1, 0.3) == []
        publisher_of(postgres_world).publish(relay, [Outgoing(message("ticket.created"))])
        relay.commit()
        collect(consumer, 1)
    finally:
        relay.close()


def test_a_rolled_back_settlement_leaves_the_message_in_hand(postgres_world: PostgresWorld) -> None:
    consumer = consumer_of(postgres_world, WORK)
    sent = send(postgres_world, "ticket.created")
    held = collect(consumer, 1)
    with postgres_world.databases["beta"].session(1) as session:
        consumer.settle(session.connection(), held)
        session.rollback()
    consumer.release(held)
    assert ids(collect(consumer, 1)) == sent


def test_an_expired_lease_is_rejected(postgres_world: PostgresWorld) -> None:
    consumer = consumer_of(postgres_world, WORK)
    sent = send(postgres_world, "ticket.created", "ticket.updated")
    late = collect(consumer, 2)
    postgres_world.admin("update bus.message set leased_until = '-infinity' where id = %s", sent[0])
    other = consumer_of(postgres_world, WORK, fresh=False)
    assert ids(collect(other, 1)) == sent[:1]
    with pytest.raises(LostLease, match="1 of 2"):
        postgres_world.done(consumer, late)
    # Thrown away as a whole: the second comes again when its lease has run out too.
    postgres_world.admin("update bus.message set leased_until = '-infinity' where id = %s", sent[1])
    assert ids(collect(other, 1)) == sent[1:]


def test_installing_again_keeps_queues_and_messages(postgres_world: PostgresWorld) -> None:
    consumer = consumer_of(postgres_world, WORK)
    sent = send(postgres_world, "ticket.created")
    prefix = postgres_world.roles["alpha"].owner.removesuffix("_alpha_owner")
    with admin_connection(postgres_world.url) as connection:
        install(connection, postgres_world.roles, prefix=prefix)
    assert ids(collect(consumer, 1)) == sent


def test_every_service_is_known_by_both_of_its_roles(postgres_world: PostgresWorld) -> None:
    rows = postgres_world.admin("select service, count(*) from bus.principal group by service order by service")
    assert rows == [(name, 2) for name in SERVICES]
