"""The benchmark of creating needs a stack without workers, which every service must agree to."""

from benchmarks import load
from benchmarks.create import requests_to, without_workers
from benchmarks.stored import ask


def test_tickets_are_stored_and_stay_unpublished() -> None:
    with without_workers() as stack:
        outcome = load.run(stack.url, requests_to(stack, "api-gateway"), clients=2, seconds=1)
        assert set(outcome.statuses) == {201}
        [(stored, waiting)] = ask(
            stack,
            "select (select count(*) from ticket.tickets),"
            " (select count(*) from ticket.outbox where published_at is null)",
        )
        assert stored == waiting == len(outcome.took) > 0
