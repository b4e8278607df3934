"""Apps over HTTP, as a router would ask them.

The rows that run are read each second and kept while the BBS answers 503; each instance is asked each 200 ms. An
error = no instance of the app answered within one second. One app is broken on purpose: it must be counted.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bbs.client import BBSClient, ClientTLS
from bbs.client.errors import BBSError, ClientError
from bbs.wire import actual_lrp_pb2, container_pb2, desired_lrp_pb2
from e2e.probe.journal import note

INTERVAL_S = 0.2
LONGEST_GAP_S = 1.0
STALLED_S = 0.3
BROKEN_FOR_S = 5.0
DOMAIN = "probe"
BROKEN = "probe-broken"
APPS = {"probe-single": 1, "probe-pair": 2, BROKEN: 1}
SERVER = "exec python3 -m http.server --bind 0.0.0.0 $PORT"

Row = tuple[str, str, str, int]  # app, instance, host, port


def app(guid: str, domain: str, instances: int) -> desired_lrp_pb2.DesiredLRP:
    """A small app that answers HTTP; its annotation is its guid."""
    action = container_pb2.RunAction(
        path="/bin/sh", args=["-c", SERVER], user="vcap", log_source="APP", suppress_log_output=True
    )
    lrp = desired_lrp_pb2.DesiredLRP(
        process_guid=guid,
        domain=domain,
        root_fs="preloaded:cflinuxfs4",
        instances=instances,
        action=container_pb2.Action(run_action=action).SerializeToString(),
        memory_mb=32,
        disk_mb=32,
        ports=[8080],
        log_guid=guid,
        annotation=guid,
        start_timeout_ms=60_000,
    )
    lrp.metric_tags["source_id"].static = guid
    return lrp


@dataclass(slots=True)
class _Seen:
    answered: float
    counted: int = 0
    longest: float = 0.0
    requests: int = 0
    failed: int = 0


class Apps:
    """All apps that are watched."""

    def __init__(self, url: str, tls: ClientTLS) -> None:
        self._url, self._tls = url, tls
        self._asking: dict[Row, asyncio.Task[None]] = {}
        self._seen: dict[str, _Seen] = {}

    async def run(self) -> None:
        """Desire them, wait until they run, watch them for ever."""
        async with BBSClient(self._url, self._tls, timeout=60.0) as client:
            await client.upsert_domain(DOMAIN, 0)
            for guid, instances in APPS.items():
                await self._desire(client, guid, instances)
            rows = await self._all_running(client)
            self._seen = {guid: _Seen(time.monotonic()) for guid in APPS}
            self._follow(rows)
            await asyncio.sleep(1.0)
            note("apps-ready", apps=sorted(APPS))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._refresh(client))
                group.create_task(self._judge())
                group.create_task(self._break(client))

    async def _desire(self, client: BBSClient, guid: str, instances: int) -> None:
        try:
            await client.desire_lrp(app(guid, DOMAIN, instances))
        except BBSError as error:
            if error.name != "ResourceExists":
                raise

    async def _all_running(self, client: BBSClient) -> set[Row]:
        while True:
            rows = await self._rows(client)
            if sum(row[0] in APPS for row in rows) >= sum(APPS.values()):
                return rows
            await asyncio.sleep(0.5)

    async def _rows(self, client: BBSClient) -> set[Row]:
        running = [lrp for lrp in await client.actual_lrps(domain=DOMAIN) if lrp.state == "RUNNING"]
        return {_row(lrp) for lrp in running}

    async def _refresh(self, client: BBSClient) -> None:
        while True:
            await asyncio.sleep(1.0)
            try:
                async with asyncio.timeout(2.0):
                    rows = await self._rows(client)
            except (ClientError, OSError):
                continue
            self._follow(rows)

    def _follow(self, rows: set[Row]) -> None:
        for gone in set(self._asking) - rows:
            self._asking.pop(gone).cancel()
            note("row-gone", row=gone)
        for row in rows - set(self._asking):
            self._asking[row] = asyncio.create_task(self._ask(row))
            note("row", row=row)

    async def _ask(self, row: Row) -> None:
        while True:
            started = time.monotonic()
            answered = await _answers(row[2], row[3])
            seen = self._seen.get(row[0])
            if seen is not None:
                seen.requests += 1
                seen.failed += not answered
                if answered:
                    seen.longest = max(seen.longest, time.monotonic() - seen.answered)
                    seen.answered, seen.counted = time.monotonic(), 0
            await asyncio.sleep(max(0.0, INTERVAL_S - (time.monotonic() - started)))

    async def _judge(self) -> None:
        reported = time.monotonic()
        while True:
            self._forgive(await _lag())
            for guid, seen in self._seen.items():
                gap = time.monotonic() - seen.answered
                if gap > LONGEST_GAP_S * (seen.counted + 1):
                    seen.counted += 1
                    rows = [row for row in self._asking if row[0] == guid]
                    note("app-error", app=guid, gap=round(gap, 2), rows=rows)
            if time.monotonic() - reported > 2.0:
                reported = time.monotonic()
                for guid, seen in self._seen.items():
                    note("app", app=guid, requests=seen.requests, failed=seen.failed, longest=round(seen.longest, 2))

    def _forgive(self, lag: float) -> None:
        """Time in which the probe itself did not run says nothing about apps; it is told, and not counted as a gap."""
        if lag > STALLED_S:
            note("probe-stalled", seconds=round(lag, 2))
            for seen in self._seen.values():
                seen.answered += lag

    async def _break(self, client: BBSClient) -> None:
        await asyncio.sleep(2.0)
        await client.remove_desired_lrp(BROKEN)
        await asyncio.sleep(BROKEN_FOR_S)
        del self._seen[BROKEN]
        note("broken-app-watched", app=BROKEN)


async def _lag() -> float:
    """Sleeps a tenth of a second; how much longer it took."""
    started = time.monotonic()
    await asyncio.sleep(0.1)
    return time.monotonic() - started - 0.1


def _row(lrp: actual_lrp_pb2.ActualLRP) -> Row:
    net = lrp.actual_lrp_net_info
    key = lrp.actual_lrp_instance_key
    return lrp.actual_lrp_key.process_guid, f"{key.instance_guid}@{key.cell_id}", net.address, net.ports[0].host_port


async def _answers(host: str, port: int) -> bool:
    writer = None
    try:
        async with asyncio.timeout(1.0):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"HEAD / HTTP/1.0\r\n\r\n")
            return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        if writer is not None:
            writer.close()
