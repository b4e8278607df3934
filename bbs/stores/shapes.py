"""Whether a dataclass that was read from JSON holds what it declares: JSON brings whatever somebody wrote."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints


def require_shape(record: Any) -> None:
    """Raises TypeError, naming the first member whose value is not of its declared type."""
    for name, wanted in _members(type(record)):  # type: ignore[arg-type]
        value = getattr(record, name)
        if not _fits(value, wanted):
            message = f"{name} is {value!r}"
            raise TypeError(message)
        if is_dataclass(value):
            require_shape(value)


@cache
def _members(record: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(record)
    return tuple((member.name, hints[member.name]) for member in fields(record))


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, UnionType):
        return any(_fits(value, one) for one in get_args(wanted))
    origin = get_origin(wanted)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, get_args(wanted)[0]) for item in value)
    if wanted is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or wanted)
