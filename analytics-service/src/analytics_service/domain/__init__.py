"""How events become figures: standard library only, no I/O."""
