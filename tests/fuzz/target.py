"""What is fuzzed: bytes to begin with, and a check that raises when a promise about any bytes is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

FOLDER = Path(__file__).parent / "targets"


@dataclass(frozen=True, slots=True)
class Target:
    """`seeds` are whole, valid inputs. `check` takes any bytes at all. `weight`: its part of a run, 1 is usual.

    `messages`: inputs are protobuf behind a head of that many bytes, so mutations may go field by field.
    """

    name: str
    promise: str
    seeds: Sequence[bytes]
    check: Callable[[bytes], None]
    words: Sequence[bytes] = ()
    messages: int | None = None
    weight: float = 1


def names() -> list[str]:
    """All targets: one file each in `targets`."""
    return sorted(file.stem for file in FOLDER.glob("[a-z]*.py"))


def load(name: str) -> Target:
    """The target of that name. Raises ModuleNotFoundError."""
    return cast(Target, import_module(f"{__package__}.targets.{name}").TARGET)
