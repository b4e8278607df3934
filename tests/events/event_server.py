"""A server process with an open hub: prints its port, then tells events as lines on its input say.

`N BYTES`: N tasks are desired, whose events have about BYTES each; one turn of the loop apart.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvloop
from prometheus_client import CollectorRegistry

from bbs.server import BBSApplication, BBSServer, Bind, Credentials, TLSFiles
from tests.events.station import Station
from tests.models import requests
from tests.server.member import context, no_cells


async def lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main(folder: Path) -> None:
    station = Station()
    await station.serve()
    application = BBSApplication(station, context, no_cells, events=station.hub)
    files = TLSFiles(folder / "ca.crt", folder / "bbs/tls.crt", folder / "bbs/tls.key")
    server = BBSServer(station, application, CollectorRegistry(), Credentials(files))
    server.start(Bind("127.0.0.1", 0), None)
    print(server.address.port, flush=True)
    told = 0
    commands = await lines()
    while line := await commands.readline():
        count, size = (int(word) for word in line.split())
        for _ in range(count):
            request = requests.desire_task(f"t-{told}")
            request.task_definition.annotation = "x" * size
            station.post("/tasks/desire.r2", request)
            told += 1
            await asyncio.sleep(0)
    await station.stop()
    await server.close()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
