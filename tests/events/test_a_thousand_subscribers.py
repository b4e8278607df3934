"""A thousand subscribers over mutual TLS, each with every event, in order, and a clean end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.certificates import Certificates
from tests.events.crowd import LAST_CHUNK, Crowd

ROOT = Path(__file__).parents[2]
SUBSCRIBERS = 1000
EVENTS = 20

Server = tuple[asyncio.subprocess.Process, int]


@pytest.fixture
async def event_server(certificates: Certificates) -> AsyncIterator[Server]:
    certificates.leaf("bbs")
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.events.event_server", str(certificates.folder),
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdout is not None
    port = int(await asyncio.wait_for(started.stdout.readline(), 60))
    yield started, port
    if started.returncode is None:
        started.kill()
    await started.communicate()


@pytest.mark.timeout(900)  # a thousand handshakes, on a machine that may be busy with other things
async def test_a_thousand_subscribers_get_every_event_and_a_clean_end(
    event_server: Server, certificates: Certificates
) -> None:
    process, port = event_server
    assert process.stdin is not None
    with Crowd(port, certificates.context(), patience=600) as crowd:
        await asyncio.to_thread(crowd.join, SUBSCRIBERS)
        process.stdin.write(b"%d 700\n" % EVENTS)
        await asyncio.to_thread(crowd.hear, EVENTS)
        process.stdin.write_eof()
        await asyncio.to_thread(crowd.hear_the_end)
        assert {listener.events for listener in crowd.listeners} == {EVENTS}
        assert all(listener.received.endswith(LAST_CHUNK) for listener in crowd.listeners)
    assert await process.wait() == 0
