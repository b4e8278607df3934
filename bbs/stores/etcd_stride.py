"""How a scan walks a key range in narrow steps.

etcd counts the whole remaining range for each page that only a `limit` bounds, so paging by limit alone is quadratic in
the number of keys. Each step therefore names an end as well, guessed from how densely the last page lay: keys are read
as numbers, the span of one full page is the next step, empty steps grow. Pure; source: docs/reference/store-etcd.md.
"""

from __future__ import annotations

from bbs.stores.etcd_keys import end_of

_WINDOW = 48
"""Bytes of a key, behind the prefix, that are read as its number; keys alike in all of them fall into one step."""
_TOP: int = 256**_WINDOW
_EMPTY_GROWTH = 8

FIRST_LIMIT = 16
HIGHEST_LIMIT = 4096
PAGE_BYTES = 4_000_000


class Stride:
    """The walk over all keys with one prefix. `limit` is the number of rows to ask for in the next step."""

    def __init__(self, prefix: bytes) -> None:
        self._prefix = prefix
        self._end = end_of(prefix)
        self._width: int = _TOP
        self._empty = 0
        self.start = prefix
        self.limit = FIRST_LIMIT

    @property
    def done(self) -> bool:
        """Whether every key was passed."""
        return self.start >= self._end

    @property
    def stop(self) -> bytes:
        """Where the next step ends (exclusive)."""
        number = self._number(self.start) + self._width
        if number >= _TOP:
            return self._end
        return self._prefix + number.to_bytes(_WINDOW, "big")

    def passed(self, keys: list[bytes], size: int, *, more: bool) -> None:
        """Moves on behind a page: its keys in order, their values' bytes, and whether its step holds more."""
        stop = self.stop
        if keys:
            self.limit = max(1, min(HIGHEST_LIMIT, self.limit * 4, PAGE_BYTES * len(keys) // max(size, 1)))
        if more:
            self._width = self._number(keys[-1]) - self._number(self.start) + 1
            self._empty = 0
            self.start = keys[-1] + b"\0"
            return
        self._empty = 0 if keys else self._empty + 1
        growth = _EMPTY_GROWTH**self._empty if not keys else max(1, min(_EMPTY_GROWTH, self.limit // len(keys)))
        self._width = min(_TOP, self._width * growth)
        self.start = stop

    def _number(self, key: bytes) -> int:
        return int.from_bytes(key[len(self._prefix) :][:_WINDOW].ljust(_WINDOW, b"\0"), "big")
