"""Converts an event body to a consumer's view: a dataclass with the fields that the consumer uses."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

View = TypeVar("View")


class BadBody(ValueError):
    """A body doesn't fit the view. The text names the field and the expected type, never the value."""


def reader(view: type[View]) -> Callable[[Mapping[str, Any]], View]:
    """Return a function that converts a body to `view`: it checks the types of the view's fields and ignores others.

    Supports str, int, float, bool, dict, list, their parameters, Literal, optional and union types, Any. A float field
    accepts an int; a bool is neither. The function raises BadBody.
    """
    hints = get_type_hints(view)
    plan = [
        (item.name, _check(hints[item.name]), item.default is MISSING and item.default_factory is MISSING, item.type)
        for item in fields(view)  # type: ignore[arg-type]
        if item.init
    ]

    def read(body: Mapping[str, Any]) -> View:
        values = {}
        for name, fits, required, expected in plan:
            if name in body:
                if not fits(body[name]):
                    raise BadBody(f"{name} should be {getattr(expected, '__name__', expected)}")
                values[name] = body[name]
            elif required:
                raise BadBody(f"{name} is missing")
        return view(**values)

    return read


def _check(annotation: Any) -> Callable[[Any], bool]:
    """Return a check for one annotation; raise TypeError for a type that JSON can't represent."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return lambda value: True
    if annotation in (None, types.NoneType):
        return lambda value: value is None
    if annotation is float:
        return lambda value: type(value) in (int, float)
    if annotation in (str, int, bool, dict, list):
        return lambda value: type(value) is annotation
    if origin is Literal:
        return lambda value: any(value == choice and type(value) is type(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        alternatives = [_check(argument) for argument in arguments]
        return lambda value: any(fits(value) for fits in alternatives)
    if origin is list:
        check = _check(arguments[0])
        return lambda value: type(value) is list and all(map(check, value))
    if origin is dict:
        check = _check(arguments[1])
        return lambda value: type(value) is dict and all(map(check, value.values()))
    raise TypeError(f"a view can't have a field of type {annotation}")
