"""Upstream's lock in Locket: held while a Go BBS's database is adopted, so that no Go BBS serves it meanwhile.

Afterwards the version record keeps Go BBSes out, and the lock is given back. Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bbs.client.locket import LocketClient, LocketError, LocketTLS
from bbs.configuration import BBSConfiguration

KEY = "bbs"
TTL_S = 15
"""Upstream's own. A claim takes a fraction of it."""


@asynccontextmanager
async def upstream_lock(configuration: BBSConfiguration, owner: str) -> AsyncIterator[str | None]:
    """Holds the lock while entered; gives the reason why it is not held, None when it is."""
    address = configuration.locket_address
    if address is None:
        yield "no locket_address is configured"
        return
    files = configuration.locket_tls
    tls = LocketTLS(files.ca_file, files.cert_file, files.key_file)
    client = LocketClient(address, tls, timeout=min(configuration.communication_timeout, TTL_S / 3))
    reason = None
    try:
        try:
            await client.lock(KEY, owner, ttl_s=TTL_S)
        except LocketError as error:
            reason = str(error)
        yield reason
    finally:
        if reason is None:
            with suppress(LocketError):
                await client.release(KEY, owner)
        await client.close()
