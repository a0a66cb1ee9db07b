"""Vector stores: embedded in this process, or on a Qdrant server; both rank alike."""
