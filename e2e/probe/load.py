"""Calls through the Service: a board of LRPs that it writes and reads back, knowing what each answer must be.

A call whose answer was a 503 or broke leaves its key unsure until it is read; a read that contradicts what was
acknowledged is `wrong`. What was not right is written line by line, what was right is counted each second, and each
stretch without a right answer is written as one `outage`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from ssl import SSLContext

from bbs.client import ClientTLS
from bbs.client.tls import LiveContext
from bbs.wire import core_pb2, desired_lrp_pb2
from e2e.probe.answers import Called, call
from e2e.probe.apps import app
from e2e.probe.journal import note, now

INTERVAL_S = 0.1
KEPT = 10
DOMAIN = "load"


@dataclass(slots=True)
class _Outage:
    since: str
    started: float
    kinds: Counter[str] = field(default_factory=Counter)


class Load:
    """One writer and reader."""

    def __init__(self, url: str, tls: ClientTLS) -> None:
        self._url, self._tls = url, LiveContext(tls)
        self._sure: dict[str, bool] = {}
        self._number = 0
        self._counts: Counter[str] = Counter()
        self._outage: _Outage | None = None

    async def run(self) -> None:
        """For ever: desire, get, list, remove, about ten calls a second."""
        counting = asyncio.create_task(self._count())
        try:
            while True:
                await self._round()
        finally:
            counting.cancel()

    async def _round(self) -> None:
        self._number += 1
        guid = f"load-{self._number}"
        await self._desire(guid)
        await self._get(guid)
        await self._list()
        if len(self._sure) > KEPT:
            await self._remove(next(iter(self._sure)))

    async def _desire(self, guid: str) -> None:
        request = desired_lrp_pb2.DesireLRPRequest(desired_lrp=app(guid, DOMAIN, instances=0))
        answer = await self._call("/v1/desired_lrp/desire.r2", request.SerializeToString())
        if answer.kind == "right":
            self._check(answer, desired_lrp_pb2.DesiredLRPLifecycleResponse(), "desire")
            self._sure[guid] = True
        else:
            self._sure[guid] = False

    async def _get(self, guid: str) -> None:
        request = desired_lrp_pb2.DesiredLRPByProcessGuidRequest(process_guid=guid)
        answer = await self._call("/v1/desired_lrps/get_by_process_guid.r3", request.SerializeToString())
        if answer.kind != "right":
            return
        response = desired_lrp_pb2.DesiredLRPResponse.FromString(answer.body)
        missing = response.HasField("error") and response.error.type == core_pb2.Error.ResourceNotFound
        if missing and not self._sure[guid]:
            del self._sure[guid]
        elif missing or response.HasField("error") or response.desired_lrp.annotation != guid:
            self._wrong("get", f"{guid}: {response.error.message or 'other content'}")
        else:
            self._sure[guid] = True

    async def _list(self) -> None:
        request = desired_lrp_pb2.DesiredLRPsRequest(domain=DOMAIN)
        answer = await self._call("/v1/desired_lrps/list.r3", request.SerializeToString())
        if answer.kind != "right":
            return
        response = desired_lrp_pb2.DesiredLRPsResponse.FromString(answer.body)
        listed = {lrp.process_guid for lrp in response.desired_lrps}
        sure = {guid for guid, known in self._sure.items() if known}
        if response.HasField("error") or not sure <= listed or not listed <= set(self._sure):
            self._wrong("list", f"lacks {sorted(sure - listed)}, has also {sorted(listed - set(self._sure))}")
        for guid in [guid for guid, known in self._sure.items() if not known and guid not in listed]:
            del self._sure[guid]

    async def _remove(self, guid: str) -> None:
        sure = self._sure[guid]
        request = desired_lrp_pb2.RemoveDesiredLRPRequest(process_guid=guid)
        answer = await self._call("/v1/desired_lrp/remove", request.SerializeToString())
        if answer.kind != "right":
            self._sure[guid] = False
            return
        response = desired_lrp_pb2.DesiredLRPLifecycleResponse.FromString(answer.body)
        if response.HasField("error") and sure:
            self._wrong("remove", f"{guid}: {response.error.message}")
        del self._sure[guid]

    def _check(self, answer: Called, response: desired_lrp_pb2.DesiredLRPLifecycleResponse, verb: str) -> None:
        response.ParseFromString(answer.body)
        if response.HasField("error"):
            self._wrong(verb, response.error.message)

    def _wrong(self, verb: str, what: str) -> None:
        note("wrong-answer", call=verb, what=what)
        self._counts["wrong-answer"] += 1

    async def _call(self, path: str, body: bytes) -> Called:
        await asyncio.sleep(INTERVAL_S)
        asked, started = now(), time.monotonic()
        answer = await call(self._url, path, body, self._context())
        self._counts["redirected" if answer.redirected and answer.kind == "right" else answer.kind] += 1
        if answer.kind == "right":
            self._end_outage()
        else:
            self._outage = self._outage or _Outage(asked, started)
            self._outage.kinds[answer.kind] += 1
            note("answer", path=path, kind=answer.kind, asked=asked, seconds=round(time.monotonic() - started, 3))
        return answer

    def _context(self) -> SSLContext:
        return self._tls.current()

    def _end_outage(self) -> None:
        if (outage := self._outage) is not None:
            seconds = round(time.monotonic() - outage.started, 3)
            note("outage", since=outage.since, until=now(), seconds=seconds, answers=dict(outage.kinds))
            self._outage = None

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            counts, self._counts = self._counts, Counter()
            note("calls", counts=dict(counts), outage=self._outage is not None)
