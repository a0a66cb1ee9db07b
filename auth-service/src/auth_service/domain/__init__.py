"""Who somebody works for and with: decisions only, no I/O."""
