"""One subscriber: what waits for it, and the bytes that its connection pulls.

A subscriber that does not keep up is dropped: it still gets what waits, then its stream ends in order, and it has to
look at everything anew. Nobody waits for it: memory per subscriber is one queue of references and one piece of bytes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bbs.events.framing import LAST_CHUNK, Line, chunk
from bbs.events.streams import Stream

if TYPE_CHECKING:
    from bbs.events.hub import EventHub

BUFFER = 1024
"""Events of one channel that may wait for a subscriber."""

PIECE = 64 * 1024
"""Bytes handed over at once; more follows when they are gone."""


class Subscription:
    """Made by `EventHub.subscribe`; a `bbs.server.message.Feed`."""

    __slots__ = ("_cell_id", "_count", "_ended", "_hub", "_next", "_queue", "_wake", "stream")

    def __init__(self, hub: EventHub, stream: Stream, cell_id: str) -> None:
        self.stream = stream
        self._hub = hub
        self._cell_id = cell_id
        self._queue: deque[Line] = deque()
        self._count: Counter[str] = Counter()
        self._next = 0
        self._ended = False
        self._wake: Callable[[], None] | None = None

    # --- the hub's side ---

    def offer(self, lines: Sequence[Line]) -> bool:
        """Queue the events of one tick; False when they don't fit and the subscriber is dropped.

        A burst of any length is taken by who had nothing waiting: only time tells the slow ones.
        """
        behind = bool(self._queue)
        for line in lines:
            if line.cells is not None and self._cell_id and self._cell_id not in line.cells:
                continue
            if behind and self._count[line.channel] >= BUFFER:
                self.end()
                return False
            self._queue.append(line)
            self._count[line.channel] += 1
        return True

    def end(self) -> None:
        """Nothing more will be queued; what waits is still delivered."""
        self._ended = True

    def wake(self) -> None:
        """There is something to take."""
        if self._wake is not None:
            self._wake()

    # --- the connection's side ---

    def start(self, wake: Callable[[], None]) -> None:
        """From now on `wake` is called when there is something to take."""
        self._wake = wake

    @property
    def waiting(self) -> bool:
        """Whether `take` has something to give, be it the end."""
        return bool(self._queue) or self._ended

    def take(self) -> bytes | None:
        """The next piece; empty when there is none yet, None after the last."""
        if not self._queue:
            return None if self._ended else b""
        pieces: list[bytes] = []
        size = 0
        while self._queue and size < PIECE:
            line = self._queue.popleft()
            self._count[line.channel] -= 1
            piece = chunk(self._next, line.text)
            self._next += 1
            pieces.append(piece)
            size += len(piece)
        self._hub.delivered(self.stream, len(pieces))
        return b"".join(pieces)

    def farewell(self) -> bytes:
        """What ends the stream in order."""
        return LAST_CHUNK

    def close(self) -> None:
        """The connection is gone, or over."""
        self._wake = None
        self._queue.clear()
        self._hub.leave(self)
