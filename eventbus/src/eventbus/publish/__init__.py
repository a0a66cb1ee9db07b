"""Publishing from a transaction to the bus: outbox, relay, leader lock, wake-up."""
