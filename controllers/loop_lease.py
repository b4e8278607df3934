"""The Lease: one operator acts at a time. It does not fence; it saves two operators from arguing.

A holder that can't renew by its deadline exits hard, so that nothing in the process goes on acting by mistake.
"""

import asyncio
import logging
import os
import time
from datetime import UTC, datetime

from controllers.cluster import Body, CallFailed, Cluster

NAME = "diego-operator"
DURATION_S = 15
RENEW_S = 4.0
DEADLINE_S = 11.0

log = logging.getLogger(__name__)


class Lease:
    """Held or not; `run` keeps it so."""

    def __init__(self, cluster: Cluster, namespace: str, holder: str) -> None:
        self._cluster, self._namespace, self._holder = cluster, namespace, holder
        self._seen: tuple[str, str] = ("", "")
        self._seen_at = time.monotonic()
        self._renewed_at = float("-inf")
        self.held = False

    async def run(self) -> None:
        """Claims, renews, and never returns. Exits the process when a held Lease can't be renewed in time."""
        while True:
            try:
                started = time.monotonic()
                async with asyncio.timeout(RENEW_S):
                    held = await self._step()
                if held:
                    self._renewed_at = started
                if held != self.held:
                    log.info("lease", extra={"held": held, "holder": self._holder})
                if self.held and not held:
                    self._exit("another operator holds it")
                self.held = held
            except (CallFailed, TimeoutError) as failed:
                log.warning("lease not renewed", extra={"why": str(failed)[:300]})
            if self.held and time.monotonic() - self._renewed_at > DEADLINE_S:
                self._exit("it could not be renewed by its deadline")
            await asyncio.sleep(RENEW_S / 2)

    async def release(self) -> None:
        """At an orderly end: the next operator need not wait."""
        if not self.held:
            return
        self.held = False
        found = await self._cluster.get("Lease", self._namespace, NAME)
        if found is not None and found["spec"].get("holderIdentity") == self._holder:
            found["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
            await self._cluster.replace("Lease", self._namespace, NAME, found)

    async def _step(self) -> bool:
        found = await self._cluster.get("Lease", self._namespace, NAME)
        if found is None:
            body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": NAME}}
            return await self._write(body | {"spec": self._spec({})}, new=True)
        spec = found["spec"]
        holder = spec.get("holderIdentity", "")
        if holder not in ("", self._holder) and not self._lapsed(holder, spec):
            return False
        found["spec"] = self._spec(spec)
        return await self._write(found, new=False)

    def _lapsed(self, holder: str, spec: Body) -> bool:
        """By our own clock since the value last changed: two nodes' clocks are never compared."""
        seen = (holder, str(spec.get("renewTime", "")))
        if seen != self._seen:
            self._seen, self._seen_at = seen, time.monotonic()
        return time.monotonic() - self._seen_at > float(spec.get("leaseDurationSeconds", DURATION_S))

    def _spec(self, before: Body) -> Body:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        same = before.get("holderIdentity") == self._holder
        return {
            "holderIdentity": self._holder,
            "leaseDurationSeconds": DURATION_S,
            "renewTime": now,
            "acquireTime": before.get("acquireTime", now) if same else now,
            "leaseTransitions": int(before.get("leaseTransitions") or 0) + (0 if same else 1),
        }

    async def _write(self, body: Body, *, new: bool) -> bool:
        try:
            if new:
                await self._cluster.create("Lease", self._namespace, body)
            else:
                await self._cluster.replace("Lease", self._namespace, NAME, body)
        except CallFailed as failed:
            if failed.status == 409:
                return False
            raise
        return True

    def _exit(self, why: str) -> None:
        log.critical("lease lost", extra={"why": why})
        os._exit(1)
