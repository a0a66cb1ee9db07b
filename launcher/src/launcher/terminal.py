"""How the command line prints."""

import sys

from rich.console import Console

WIDTH_OF_FILES = 140


def console() -> Console:
    """Return a console as wide as the terminal; wide enough for the tables where a file or pipe is written."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
