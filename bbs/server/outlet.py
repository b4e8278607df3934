"""The way out of one connection: small steps, each preceded by a look at the read lease.

Invariant: a byte of a guarded answer is handed to the kernel only right after `may_answer()` said yes. A process that
was stopped for longer than the lease wakes up with at most one encrypted piece per connection, and drops it.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
from collections import deque
from collections.abc import Callable

from bbs.server.channel import Channel

LARGEST = 256 * 1024
SMALLEST = 64 * 1024
"""Bytes of one piece: a reader that keeps up gets large ones, a slow one small ones, so that it holds little memory."""

SIOCOUTQ = 0x5411


class Outlet:
    """Sends pieces in order. `drained` is called when all was handed over, `lost` when the peer is gone."""

    __slots__ = (
        "_cipher",
        "_cipher_guarded",
        "_drained",
        "_guarded_sent",
        "_loop",
        "_lost",
        "_may_answer",
        "_pieces",
        "_size",
        "_sock",
        "_soon",
        "_waiting",
        "channel",
        "closed",
        "sent", "withheld",
    )  # fmt: skip

    def __init__(
        self,
        sock: socket.socket,
        channel: Channel,
        may_answer: Callable[[], bool],
        drained: Callable[[], None],
        lost: Callable[[], None],
        withheld: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self.channel = channel
        self._may_answer = may_answer
        self._drained = drained
        self._lost = lost
        self.withheld = withheld
        self._pieces: deque[tuple[memoryview, bool]] = deque()
        self._cipher = memoryview(b"")
        self._cipher_guarded = False
        self._guarded_sent = False
        self._size = SMALLEST
        self._soon = False
        self._waiting = False
        self.closed = False
        self.sent = 0

    @property
    def idle(self) -> bool:
        """Nothing of ours waits to be sent."""
        return not self._cipher and not self._pieces

    def put(self, data: bytes, *, guarded: bool) -> None:
        """Queue `data`; call `pump` afterwards."""
        if data:
            self._pieces.append((memoryview(data), guarded))

    def put_protocol(self, ciphertext: bytes) -> None:
        """Send bytes of the TLS layer itself, after what is being sent."""
        if ciphertext:
            self._cipher = memoryview(bytes(self._cipher) + ciphertext)
            self._flush()

    def pump(self) -> None:
        """Send as much as the socket takes, one piece per turn of the loop."""
        self._soon = False
        if self.closed or not self._flush():
            return
        while self._pieces:
            piece, guarded = self._pieces.popleft()
            if len(piece) > self._size:
                self._pieces.appendleft((piece[self._size :], guarded))
                piece = piece[: self._size]
            if guarded and not self._may_answer():
                self.withheld()
                return
            self._cipher, self._cipher_guarded = memoryview(self.channel.wrap(piece)), guarded
            if not self._flush():
                return
            if len(piece) >= SMALLEST and self._pieces:
                # Others get their turn between two pieces, else two bulk readers starve everybody.
                self._size = min(self._size * 2, LARGEST)
                self._later()
                return
        self._drained()

    def has_unsent_guarded(self) -> bool:
        """Whether bytes that only a master may say wait here or in the kernel."""
        if any(guarded for _, guarded in self._pieces) or (self._cipher and self._cipher_guarded):
            return True
        return self._guarded_sent and self._in_kernel() > 0

    def close(self) -> None:
        """Stop sending and forget what waits."""
        if not self.closed:
            self.closed = True
            if self._waiting:
                self._loop.remove_writer(self._sock)
            self._pieces.clear()
            self._cipher = memoryview(b"")

    def _later(self) -> None:
        if not self._soon:
            self._soon = True
            self._loop.call_soon(self.pump)

    def _flush(self) -> bool:
        """Whether everything encrypted is gone. False also when the connection ended here."""
        while self._cipher:
            if self._cipher_guarded and not self._may_answer():
                self.withheld()
                return False
            try:
                sent = self._sock.send(self._cipher)
            except (BlockingIOError, InterruptedError):
                self._wait()
                return False
            except OSError:
                self._lost()
                return False
            self.sent += sent
            self._guarded_sent = self._guarded_sent or self._cipher_guarded
            self._cipher = self._cipher[sent:]
        if self._waiting:
            self._waiting = False
            self._loop.remove_writer(self._sock)
        return True

    def _wait(self) -> None:
        self._size = SMALLEST
        if not self._waiting:
            self._waiting = True
            self._loop.add_writer(self._sock, self.pump)

    def _in_kernel(self) -> int:
        try:
            return int(struct.unpack("i", fcntl.ioctl(self._sock.fileno(), SIOCOUTQ, b"\0\0\0\0"))[0])
        except OSError:
            return 0
