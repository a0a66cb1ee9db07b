"""`python -m launcher` is the same as `smart-ticket`."""

from launcher.cli import main

main(prog_name="smart-ticket")
