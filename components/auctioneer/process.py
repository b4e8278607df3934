"""One auctioneer as a process: standby until it holds the lock, and again when it loses it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial

import structlog
from prometheus_client import Gauge

from bbs.client import BBSClient, ClientTLS
from bbs.client.locket import LocketClient, LocketTLS
from components.auctioneer import auction
from components.auctioneer.auctioneer import Auctioneer
from components.auctioneer.configuration import AuctioneerConfiguration
from components.health import Health
from components.http import JSONClient, Refusal, Request, Response, Route, ServerIdentity, json_response, listen
from components.presence import Holder

log = structlog.get_logger()


class AuctioneerProcess:
    """The wiring. The API port is open only while the lock is held, so a caller never reaches a standby."""

    def __init__(self, configuration: AuctioneerConfiguration) -> None:
        files = configuration.tls
        self._configuration = configuration
        self._locket = LocketClient(
            configuration.locket_address,
            LocketTLS(files.ca_file, files.cert_file, files.key_file),
            timeout=max(2.0, configuration.lock_retry_interval),
        )
        self._lost = asyncio.Event()
        self._lock = Holder(
            self._locket,
            "auctioneer",
            str,
            kind="lock",
            ttl_s=max(1, round(configuration.lock_ttl)),
            every=configuration.lock_retry_interval,
            lost=self._lost.set,
        )
        self._serving = False
        self._health = Health("auctioneer", lambda: self._serving)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: wait for the lock, serve while it is held."""
        files = self._configuration.tls
        tls = ClientTLS(files.ca_file, files.cert_file, files.key_file)
        bbs = BBSClient(self._configuration.bbs_address, tls, timeout=self._configuration.communication_timeout)
        cells = JSONClient(files, timeout=self._configuration.communication_timeout)
        auctioneer = Auctioneer(self._configuration, bbs, cells)
        self._register_metrics(auctioneer)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(bbs.close)
            stack.push_async_callback(self._locket.close)
            await self._health.open(self._configuration.health_address)
            stack.push_async_callback(self._health.close)
            self._lock.start()
            stack.push_async_callback(self._lock.release)
            while not stop.is_set():
                self._lost.clear()
                if await _first(stop, self._lock.held):
                    await self._serve(auctioneer, stop)

    async def _serve(self, auctioneer: Auctioneer, stop: asyncio.Event) -> None:
        routes = (
            Route("POST", "/v1/lrps", lambda request: _lrps(auctioneer, request)),
            Route("POST", "/v1/tasks", lambda request: _tasks(auctioneer, request)),
        )
        listener = await listen(self._configuration.listen_address, routes, ServerIdentity(self._configuration.tls))
        auctions = asyncio.create_task(auctioneer.run())
        self._serving = True
        log.info("serving", port=listener.port)
        try:
            if await _first(stop, self._lost):
                log.warning("lock-lost", remedy="none needed: standing by until the lock is free")
        finally:
            self._serving = False
            await listener.close()
            auctions.cancel()
            await asyncio.wait([auctions])

    def _register_metrics(self, auctioneer: Auctioneer) -> None:
        held = Gauge("diego_auctioneer_lock_held", "1 while this one is active", registry=self._health.registry)
        held.set_function(lambda: int(self._lock.held.is_set()))
        for name in auctioneer.counts:
            gauge = Gauge(f"diego_auctioneer_{name}", name.replace("_", " "), registry=self._health.registry)
            gauge.set_function(partial(auctioneer.counts.__getitem__, name))


async def _first(stop: asyncio.Event, other: asyncio.Event) -> bool:
    """Wait for one of the two; True when `other` is set and `stop` is not."""
    waits = [asyncio.create_task(each.wait()) for each in (stop, other)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.wait(waits)
    return other.is_set() and not stop.is_set()


async def _lrps(auctioneer: Auctioneer, request: Request) -> Response:
    try:
        auctioneer.add(auction.lrps(request.json()), [])
    except ValueError as error:
        raise Refusal(400, str(error)) from error
    return json_response({}, 202)


async def _tasks(auctioneer: Auctioneer, request: Request) -> Response:
    try:
        auctioneer.add([], auction.tasks(request.json()))
    except ValueError as error:
        raise Refusal(400, str(error)) from error
    return json_response({}, 202)
