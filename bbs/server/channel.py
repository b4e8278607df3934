"""What lies between socket and HTTP: nothing, or TLS over memory buffers.

TLS is done here and not by the event loop, because a loop keeps a write queue of its own and flushes it as soon as the
socket takes more: after a pause longer than the lease, it would send old answers before any of our code runs. Here
every send is preceded by a look at the lease (`outlet.py`), and no ciphertext waits anywhere else.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Protocol

READ = 64 * 1024


class Channel(Protocol):
    """Both directions of one connection. `eof`: the peer ended its side."""

    peer: str
    eof: bool

    def receive(self, data: bytes | memoryview) -> None:
        """Take bytes from the socket."""

    def shake(self) -> bool:
        """Go on with the handshake; True when it is done. Raises ssl.SSLError when it failed."""

    def read(self) -> list[bytes]:
        """What was received, decrypted. Raises ssl.SSLError."""

    def wrap(self, data: bytes | memoryview) -> bytes | memoryview:
        """The bytes to send for `data`."""

    def outgoing(self) -> bytes:
        """Bytes of the protocol itself that want to be sent: handshake, alerts, tickets."""

    def farewell(self) -> bytes:
        """What ends our side."""


class PlainChannel:
    """No TLS."""

    def __init__(self) -> None:
        self.peer = ""
        self.eof = False
        self._received: list[bytes] = []

    def receive(self, data: bytes | memoryview) -> None:
        self._received.append(bytes(data))

    def shake(self) -> bool:
        return True

    def read(self) -> list[bytes]:
        received, self._received = self._received, []
        return received

    def wrap(self, data: bytes | memoryview) -> bytes | memoryview:
        return data

    def outgoing(self) -> bytes:
        return b""

    def farewell(self) -> bytes:
        return b""


class TLSChannel:
    """Mutual TLS; `peer` is decoded once, when the handshake is done."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.peer = ""
        self.eof = False
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)

    def receive(self, data: bytes | memoryview) -> None:
        self._in.write(data)

    def shake(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.peer = common_name(self._tls)
        return True

    def read(self) -> list[bytes]:
        plain: list[bytes] = []
        try:
            while self._in.pending or self._tls.pending():
                data = self._tls.read(READ)
                if not data:
                    self.eof = True
                    break
                plain.append(data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.eof = True
        return plain

    def wrap(self, data: bytes | memoryview) -> bytes | memoryview:
        self._tls.write(data)
        return self._out.read()

    def outgoing(self) -> bytes:
        return self._out.read() if self._out.pending else b""

    def farewell(self) -> bytes:
        with suppress(ssl.SSLError):  # our close_notify is in the buffer all the same; the peer's may never come
            self._tls.unwrap()
        return self.outgoing()


def common_name(tls: ssl.SSLObject) -> str:
    """The common name of the peer's verified certificate, empty when it has none."""
    certificate = tls.getpeercert() or {}
    for parts in certificate.get("subject", ()):
        for part in parts:
            if isinstance(part, tuple) and part[0] == "commonName":
                return str(part[1])
    return ""
