"""Converts an event body to a consumer's view: a dataclass with the fields that the consumer uses."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import msgspec

from eventbus.wire import fitted

View = TypeVar("View")


def reader(view: type[View]) -> Callable[[Mapping[str, Any]], View]:
    """Return a function that converts a body to `view`: it checks the types of the view's fields and ignores others.

    A float field accepts an int; a bool is neither. The function raises BadMessage. Raises TypeError for a field that
    JSON can't represent.
    """
    msgspec.json.schema(view)
    return partial(fitted, expected=view)
