"""Where the peers of a recording listen here: free ports with as many digits as the recorded ones.

Ports lie inside bodies (presences, callback URLs, error texts). A port of the same length changes no other byte, so it
is put in on the way out and taken back on the way in.
"""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterable

HANDED_OUT_FROM = 32_000
ATTEMPTS = 1_000


class Addresses:
    """Recorded ports and the real ones that stand for them."""

    def __init__(self, ports: Iterable[int]) -> None:
        self._real: dict[int, int] = {}
        for port in sorted(ports):
            self._real[port] = _free_port_like(port)
        self._out = _Replacing(self._real)
        self._in = _Replacing({real: port for port, real in self._real.items()})

    def real(self, port: int) -> int:
        """The port that stands for a recorded one."""
        return self._real[port]

    def sent(self, data: bytes) -> bytes:
        """Recorded bytes as they are sent."""
        return self._out(data)

    def received(self, data: bytes) -> bytes:
        """Received bytes as they would have been recorded."""
        return self._in(data)


class _Replacing:
    def __init__(self, ports: dict[int, int]) -> None:
        self._by_text = {b"%d" % old: b"%d" % new for old, new in ports.items()}
        known = b"|".join(self._by_text) or b"(?!)"
        self._pattern = re.compile(rb"(?<=127\.0\.0\.1:)(?:" + known + rb")(?!\d)")

    def __call__(self, data: bytes) -> bytes:
        return self._pattern.sub(lambda found: self._by_text[found[0]], data)


def _free_port_like(port: int) -> int:
    """A free port with as many digits, from below those that the kernel hands out, so that none is taken meanwhile."""
    lowest, highest = max(1024, 10 ** (len(str(port)) - 1)), min(10 ** len(str(port)) - 1, HANDED_OUT_FROM)
    for _ in range(ATTEMPTS):
        candidate = random.randint(lowest, highest)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
        return candidate
    message = f"no free port with as many digits as {port}"
    raise OSError(message)
