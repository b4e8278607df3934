"""Whether anybody is left who could take a cell's apps over, asked while its pod ends.

A pod that ends must not be waited for in vain: when the BBS is gone for good, or no other cell is present, the apps
end with the cell in any case. Only what is seen counts, and only when it was seen without a break for
`evacuation_patience`: a name server or a BBS that does not answer proves nothing. Source of the rules:
docs/reference/cell.md, "Evacuation".
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from bbs.client import ClientError
from components.rep.cell import Cell

POLL_S = 1.0
RESOLVE_S = 5.0
RESOLV_CONF = Path("/etc/resolv.conf")
ABSENT = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
"""Definite answers: no such name, or a name without an address."""

Resolver = Callable[[str], Awaitable[bool]]
"""Whether a host name has an address. Raises OSError or TimeoutError when that can't be told."""

log = structlog.get_logger()


class Successors:
    """Of one cell."""

    def __init__(self, cell: Cell, resolve: Resolver, clock: Callable[[], float] = time.monotonic) -> None:
        self._cell = cell
        self._resolve = resolve
        self._clock = clock

    async def gone(self) -> str:
        """Returns, once there are none, why. The two looks go side by side: a BBS that hangs delays no name server."""
        patience = self._cell.configuration.evacuation_patience
        address = self._cell.configuration.bbs_members_address
        alone = f"no_other_cell: {self._cell.cell_id} has been the only cell for {patience:g} s"
        looks = [
            asyncio.create_task(
                self._lasts(self._no_member, f"bbs_gone: {address} has had no address for {patience:g} s")
            ),
            asyncio.create_task(self._lasts(self._no_other_cell, alone)),
        ]
        try:
            done, _ = await asyncio.wait(looks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for look in looks:
                look.cancel()
            await asyncio.wait(looks)

    async def _lasts(self, seen: Callable[[], Awaitable[bool]], reason: str) -> str:
        """`reason`, once each look for as long as the patience has seen it."""
        since: float | None = None
        while True:
            if not await seen():
                since = None
            elif since is None:
                since = self._clock()
            if since is not None and self._clock() - since >= self._cell.configuration.evacuation_patience:
                return reason
            await asyncio.sleep(POLL_S)

    async def _no_member(self) -> bool:
        address = self._cell.configuration.bbs_members_address
        if not address:
            return False
        try:
            return not await self._resolve(address)
        except (OSError, TimeoutError) as error:
            log.info("unresolved", address=address, error=str(error))
            return False

    async def _no_other_cell(self) -> bool:
        """Believed only of a list that this cell stands on: an empty one tells of a Locket that lost its rows."""
        try:
            present = {each.cell_id for each in await self._cell.bbs.cells()}
        except ClientError:
            return False
        return present == {self._cell.cell_id}


async def has_address(host: str) -> bool:
    """Ask the name server. Raises OSError or TimeoutError when it can't tell."""
    name = in_cluster(host, await asyncio.to_thread(_resolver_file))
    loop = asyncio.get_running_loop()
    try:
        return bool(await asyncio.wait_for(loop.getaddrinfo(name, None, type=socket.SOCK_STREAM), RESOLVE_S))
    except socket.gaierror as error:
        if error.errno in ABSENT:
            return False
        raise


def in_cluster(host: str, resolver_file: str) -> str:
    """The absolute name of a Service, `name.namespace.svc`, in the cluster whose resolver file is given.

    A relative name would at last be asked of name servers outside the cluster, whose failure hides the cluster's "no".
    """
    for line in resolver_file.splitlines():
        keyword, *domains = line.split() or [""]
        if keyword == "search" and host.endswith(".svc"):
            for domain in domains:
                if domain.startswith("svc."):
                    return f"{host}.{domain.removeprefix('svc.').rstrip('.')}."
    return host


def _resolver_file() -> str:
    return RESOLV_CONF.read_text() if RESOLV_CONF.exists() else ""
