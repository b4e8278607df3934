"""`python -m e2e.probe.written --bbs URL --tls DIR --records N`: writes as a client of the newer release makes them.

Desires N apps without instances, changes the first, removes the last, and desires one more with the update strategy
RECREATE, which data version 1451635200 has no place for.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bbs.client import BBSClient, ClientTLS
from bbs.wire import desired_lrp_pb2
from e2e.probe.apps import app
from e2e.probe.journal import note

DOMAIN = "since"
RECREATED = "since-recreate"


async def main() -> None:
    """Ends with an error when one write is refused."""
    parser = argparse.ArgumentParser(prog="python -m e2e.probe.written")
    parser.add_argument("--bbs", required=True, help="the Service of the BBS")
    parser.add_argument("--tls", type=Path, required=True, help="folder of a client's certificate")
    parser.add_argument("--records", type=int, required=True, help="how many apps are desired")
    chosen = parser.parse_args()
    tls = ClientTLS(chosen.tls / "ca.crt", chosen.tls / "tls.crt", chosen.tls / "tls.key")
    guids = [f"{DOMAIN}-{number}" for number in range(chosen.records)]
    async with BBSClient(chosen.bbs, tls, timeout=60.0) as client:
        for guid in guids:
            await client.desire_lrp(app(guid, DOMAIN, instances=0))
        await client.update_desired_lrp(guids[0], desired_lrp_pb2.DesiredLRPUpdate(annotation="changed"))
        await client.remove_desired_lrp(guids[-1])
        recreated = app(RECREATED, DOMAIN, instances=0)
        recreated.update_strategy = desired_lrp_pb2.DesiredLRP.RECREATE
        await client.desire_lrp(recreated)
    note("written", records=len(guids))


asyncio.run(main())
