"""Where a ticket belongs: decisions only, no I/O."""
