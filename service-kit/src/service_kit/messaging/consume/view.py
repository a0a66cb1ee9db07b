"""A consumer's own small view of a body, made from its dataclass."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

View = TypeVar("View")


class BadBody(ValueError):
    """A body doesn't fit the view; says which field and what was wanted, never what stood there."""


def reader(view: type[View]) -> Callable[[Mapping[str, Any]], View]:
    """Return a function that makes `view` from a body: fields by name, types checked, all others ignored.

    Understands str, int, float, bool, dict, list, their parameters, Literal, optional and union types, Any. An int is
    taken for a float, a bool for neither. The function raises BadBody.
    """
    hints = get_type_hints(view)
    plan = [
        (item.name, _check(hints[item.name]), item.default is MISSING and item.default_factory is MISSING, item.type)
        for item in fields(view)  # type: ignore[arg-type]
        if item.init
    ]

    def read(body: Mapping[str, Any]) -> View:
        values = {}
        for name, fits, needed, wanted in plan:
            if name in body:
                if not fits(body[name]):
                    raise BadBody(f"{name} should be {getattr(wanted, '__name__', wanted)}")
                values[name] = body[name]
            elif needed:
                raise BadBody(f"{name} is missing")
        return view(**values)

    return read


def _check(wanted: Any) -> Callable[[Any], bool]:
    """Return a test for one annotation; raise TypeError for one that JSON can't hold."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return lambda value: True
    if wanted in (None, types.NoneType):
        return lambda value: value is None
    if wanted is float:
        return lambda value: type(value) in (int, float)
    if wanted in (str, int, bool, dict, list):
        return lambda value: type(value) is wanted
    if origin is Literal:
        return lambda value: any(value == choice and type(value) is type(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        alternatives = [_check(argument) for argument in arguments]
        return lambda value: any(fits(value) for fits in alternatives)
    if origin is list:
        each = _check(arguments[0])
        return lambda value: type(value) is list and all(map(each, value))
    if origin is dict:
        each = _check(arguments[1])
        return lambda value: type(value) is dict and all(map(each, value.values()))
    raise TypeError(f"a view can't have a field of type {wanted}")
