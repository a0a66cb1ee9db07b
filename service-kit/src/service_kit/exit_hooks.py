"""Functions that run at the end of a process, also of a forked one that ends by `os._exit`."""

import atexit
from collections.abc import Callable

_hooks: list[Callable[[], None]] = []


def at_exit(hook: Callable[[], None]) -> None:
    """Register a function that must not raise; it may run twice."""
    _hooks.append(hook)
    atexit.register(hook)


def run_exit_hooks() -> None:
    """Run the registered functions. `os._exit` skips those of `atexit`."""
    for hook in _hooks:
        hook()
