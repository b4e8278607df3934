"""Being present: a row in Locket that is renewed as long as the process wants it.

Two kinds: a cell's presence is tried for ever and its loss only noted; a lock tells its owner at once when a renewal
failed. The owner's name is fresh at each start: two copies of one identity must never hold one key together.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from pydantic import BaseModel

from bbs.client.locket import LockCollision, LocketClient, LocketError

log = structlog.get_logger()


class Provider(BaseModel):
    """A kind of root file system, and for fixed sets their names."""

    name: str
    properties: list[str] = []


class PresentCapacity(BaseModel):
    """Megabytes and containers."""

    memory_mb: int
    disk_mb: int
    containers: int


class CellPresence(BaseModel):
    """What a cell tells about itself in Locket; the JSON keys are those of the real rep."""

    cell_id: str
    rep_address: str
    zone: str
    capacity: PresentCapacity
    rootfs_provider_list: list[Provider]
    placement_tags: list[str] = []
    optional_placement_tags: list[str] = []
    rep_url: str
    annotations: dict[str, str] = {}


class Holder:
    """Holds `key` in Locket: tried at once, then each `every` seconds, with a time to live of `ttl_s` seconds.

    `held` is set from the first success until another owner was seen, or two thirds of the ttl passed since the start
    of the last successful renewal: a Locket that is being replaced costs nobody a lock. `lost` is called at its end.
    """

    def __init__(
        self,
        locket: LocketClient,
        key: str,
        value: Callable[[], str],
        *,
        kind: str,
        ttl_s: int,
        every: float,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self.held = asyncio.Event()
        self.owner = str(uuid.uuid4())
        self._locket = locket
        self._key = key
        self._value = value
        self._kind = kind
        self._ttl_s = ttl_s
        self._every = every
        self._lost = lost
        self._task: asyncio.Task[None] | None = None
        self._renewed_at = 0.0

    def start(self) -> None:
        """Begin to hold."""
        if self._task is None:
            self._task = asyncio.create_task(self._hold())

    async def release(self) -> None:
        """Stop renewing and give the key back, so that nobody has to wait for its end."""
        if self._task is None:
            return
        task, self._task = self._task, None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self.held.clear()
        try:
            await self._locket.release(self._key, self.owner, kind=self._kind)
        except LocketError as error:
            log.warning("release-failed", key=self._key, error=str(error))

    async def _hold(self) -> None:
        while True:
            began = time.monotonic()
            try:
                await self._renew(began)
            except Exception:
                log.exception("renewal-broken", key=self._key)
            await asyncio.sleep(max(0.0, began + self._every - time.monotonic()))

    async def _renew(self, began: float) -> None:
        try:
            await self._locket.lock(self._key, self.owner, self._value(), ttl_s=self._ttl_s, kind=self._kind)
        except LocketError as error:
            fields: dict[str, Any] = {"key": self._key, "error": str(error)}
            if not self.held.is_set():
                log.info("waiting-for-key", **fields)
                return
            expected_until = self._renewed_at + self._ttl_s * 2 / 3
            if isinstance(error, LockCollision) or time.monotonic() >= expected_until:
                log.warning("key-lost", **fields)
                self.held.clear()
                if self._lost is not None:
                    self._lost()
            else:
                log.info("renewal-failed", **fields)
            return
        self._renewed_at = began
        if not self.held.is_set():
            log.info("key-held", key=self._key)
            self.held.set()
