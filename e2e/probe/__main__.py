"""`python -m e2e.probe --bbs URL --member URL... --tls DIR [--apps] [--load]`: watch until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Coroutine
from pathlib import Path

from bbs.client import ClientTLS
from e2e.probe.apps import Apps
from e2e.probe.journal import note
from e2e.probe.load import Load
from e2e.probe.members import watch


async def main() -> None:
    """Run all that was asked for; a part that fails ends the probe, and the reader sees it."""
    parser = argparse.ArgumentParser(prog="python -m e2e.probe")
    parser.add_argument("--bbs", required=True, help="the Service of the BBS")
    parser.add_argument("--member", action="append", default=[], help="URL of one member")
    parser.add_argument("--tls", type=Path, required=True, help="folder of a client's certificate")
    parser.add_argument("--apps", action="store_true", help="run and watch apps")
    parser.add_argument("--load", action="store_true", help="call through the Service")
    chosen = parser.parse_args()
    tls = ClientTLS(chosen.tls / "ca.crt", chosen.tls / "tls.crt", chosen.tls / "tls.key")
    work: list[Coroutine[object, object, None]] = [watch(url, tls) for url in chosen.member]
    if chosen.apps:
        work.append(Apps(chosen.bbs, tls).run())
    if chosen.load:
        work.append(Load(chosen.bbs, tls).run())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    note("probe-started")
    tasks: list[asyncio.Task[object]] = [asyncio.create_task(part) for part in work]
    waiting: asyncio.Task[object] = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    note("probe-ended", asked=waiting in done)
    for task in done - {waiting}:
        task.result()


asyncio.run(main())
