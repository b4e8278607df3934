"""Keep-alive connections of the client, per address."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bbs.client.connection import Connection, connect
from bbs.client.tls import LiveContext

IDLE_S = 60.0
"""Below every server's keep-alive (90 s or more), so that a reused connection is not one that just ended."""

DIAL_S = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where to dial and whose certificate to expect there; `dial` differs from `name` when one pod is meant."""

    secure: bool
    dial: str
    port: int
    name: str

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


def parse_url(url: str, dial: str | None = None) -> tuple[Address, str]:
    """The address of a URL and the path it begins with. Raises ValueError for anything but http and https."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"{url!r} is no URL of a BBS; write it as https://HOST:8889"
        raise ValueError(message)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    return Address(secure, dial or parts.hostname, port, parts.hostname), parts.path.rstrip("/")


@dataclass(slots=True)
class Pool:
    """Idle connections by address; unbounded in number, each dropped after `IDLE_S`."""

    tls: LiveContext | None
    _idle: dict[Address, list[tuple[float, Connection]]] = field(default_factory=dict)
    _closed: bool = False

    async def take(self, address: Address) -> Connection:
        """An idle connection or a new one. Raises OSError kinds, TimeoutError included."""
        idle = self._idle.get(address, [])
        while idle:
            since, connection = idle.pop()
            if connection.alive and connection.reusable and time.monotonic() - since < IDLE_S:
                return connection
            connection.abort()
        context = self.context(address)
        async with asyncio.timeout(DIAL_S):
            return await connect(address.dial, address.port, context, address.name)

    def context(self, address: Address) -> ssl.SSLContext | None:
        """What a connection to that address is secured with; None for plain HTTP. Raises ValueError without a key."""
        if not address.secure:
            return None
        if self.tls is None:
            message = f"{address.name} wants TLS and this client has no certificate; give --cert, --key and --ca"
            raise ValueError(message)
        return self.tls.current()

    def give(self, address: Address, connection: Connection) -> None:
        """Return a connection after its answer; one that can't be used again is closed."""
        if connection.reusable and connection.alive and not self._closed:
            self._idle.setdefault(address, []).append((time.monotonic(), connection))
        else:
            connection.abort()

    async def close(self) -> None:
        """Close what is idle; what is under way is closed when it is given back."""
        self._closed = True
        for idle in self._idle.values():
            for _, connection in idle:
                connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)
