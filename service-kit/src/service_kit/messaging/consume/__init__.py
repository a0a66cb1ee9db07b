"""From the bus to a transaction: consumer loop, decoder, processor, transaction, inbox."""
