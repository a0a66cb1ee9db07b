"""Messages of other programs, and the queues on which they arrive."""
