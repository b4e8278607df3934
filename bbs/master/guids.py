"""Fresh guids for records: an epoch for each new row, an instance for each placement."""

from __future__ import annotations

import os
from collections.abc import Callable

_BYTES = 16
_AT_ONCE = 256
_VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


class Guids:
    """Gives a random UUID (version 4) as text at each call. One object belongs to one thread and one process.

    `randomness(n)` gives n random bytes, drawn many at once: a system call costs as much as the guid.
    """

    __slots__ = ("_drawn", "_position", "_randomness")

    def __init__(self, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self._randomness = randomness
        self._drawn = b""
        self._position = 0

    def __call__(self) -> str:
        start = self._position
        if start == len(self._drawn):
            self._drawn = self._randomness(_BYTES * _AT_ONCE)
            start = 0
        self._position = start + _BYTES
        digits = self._drawn[start : start + _BYTES].hex()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANTS[digits[16]]}{digits[17:20]}-{digits[20:]}"
