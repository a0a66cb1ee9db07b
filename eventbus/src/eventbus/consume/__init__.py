"""Consuming from the bus in a transaction: consumer loop, decoder, processor, transaction, inbox."""
