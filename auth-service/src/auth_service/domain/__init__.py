"""Companies and teams: decisions only, no I/O."""
