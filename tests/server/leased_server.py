"""A server process whose lease is as long as its argument says, renewed by a loop that a stopped process can't run.

Prints its port. `/v1/domains/list` is a bulk answer of 64 MiB, `/v1/domains/upsert` is answered after half a second.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import uvloop
from prometheus_client import CollectorRegistry

from bbs.models.routes import ROUTES, QueryRoute
from bbs.server import BBSApplication, BBSServer, Bind, Credentials, TLSFiles
from tests.server.member import Member, context, no_cells

BULK = b"\x12\x06abcdef" * (8 * 1024 * 1024)


class Lease:
    """Held until it was not renewed for `ttl` seconds; then lost for good, as for a master that was replaced."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._renewed = time.clock_gettime(time.CLOCK_BOOTTIME)
        self._lost = False

    def holds(self) -> bool:
        self._lost = self._lost or time.clock_gettime(time.CLOCK_BOOTTIME) - self._renewed > self._ttl
        return not self._lost

    async def renew(self) -> None:
        while self.holds():
            self._renewed = time.clock_gettime(time.CLOCK_BOOTTIME)
            await asyncio.sleep(self._ttl / 10)


async def main(ttl: float, folder: Path) -> None:
    lease = Lease(ttl)
    member = Member()
    member.holds = lease.holds

    async def slow(transition: object) -> bytes:
        await asyncio.sleep(0.5)
        return b""

    member.submit = slow  # type: ignore[method-assign]
    routes = [route for route in ROUTES if route.path != "/v1/domains/list"]
    bulk = QueryRoute("/v1/domains/list", lambda _body, _view, _context: BULK)

    async def events(_request: object):  # type: ignore[no-untyped-def]
        while True:
            yield b"event"
            await asyncio.sleep(0.05)

    application = BBSApplication(member, context, no_cells, stream=events, routes=[*routes, bulk])
    files = TLSFiles(folder / "ca.crt", folder / "bbs/tls.crt", folder / "bbs/tls.key")
    server = BBSServer(member, application, CollectorRegistry(), Credentials(files))
    server.start(Bind("127.0.0.1", 0), None)
    print(server.address.port, flush=True)
    await lease.renew()
    await asyncio.sleep(60)


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1]), Path(sys.argv[2])))
