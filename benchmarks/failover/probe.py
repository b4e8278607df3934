"""The client of a measurement: asks again and again, follows 307, waits a little after anything else but an answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from bbs.wire import desired_lrp_pb2
from tests.processes.member import Member, leaf
from tests.processes.wire import Heard, context, exchange, request

PAUSE_S = 0.02
LIMIT_S = 180.0


async def first_answers(members: Sequence[Member], guid: str, since: float) -> tuple[float, float]:
    """Seconds from `since` (monotonic) to the first answered ping, and to the first desired LRP that was got.

    `members`: whom the client knows; they are asked in turn, as the addresses behind one Service would be.
    """
    get = desired_lrp_pb2.DesiredLRPByProcessGuidRequest(process_guid=guid).SerializeToString()
    pinged = await _first(members, request("POST", "/v1/ping"), since)
    path = "/v1/desired_lrps/get_by_process_guid.r3"
    return pinged, await _first(members, request("POST", path, get), since, guid.encode())


async def _first(members: Sequence[Member], data: bytes, since: float, wanted: bytes = b"") -> float:
    tls = context(leaf(members[0].certificates, "client"))
    for member in itertools.cycle(members):
        try:
            heard = await exchange(member.port, data, tls)
            if heard.status == 307:
                heard = await exchange(_port(heard), data, tls)
            if heard.status == 200 and wanted in heard.body:
                return time.monotonic() - since
        except (OSError, EOFError, TimeoutError):
            pass
        if time.monotonic() - since > LIMIT_S:
            message = f"nobody answered within {LIMIT_S:.0f} s"
            raise TimeoutError(message)
        await asyncio.sleep(PAUSE_S)
    raise AssertionError


def _port(heard: Heard) -> int:
    port = urlsplit(heard.headers["location"]).port
    assert port is not None
    return port
