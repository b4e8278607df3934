"""Sentence 3 of the architecture: a deposed master says nothing, however late it wakes.

The server is a real process, stopped by SIGSTOP for longer than its lease while connections hold a bulk answer that is
read slowly, a call in flight, a request that arrives meanwhile, and an open stream.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.certificates import Certificates
from tests.server.raw import Raw, post

ROOT = Path(__file__).parents[2]
TTL = 1.0
BULK_BYTES = 64 * 1024 * 1024


class Process:
    """The server process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    async def stopped_beyond_the_lease(self) -> None:
        """Stopped now, until called again with `wake`."""
        os.kill(self._process.pid, signal.SIGSTOP)
        await asyncio.sleep(TTL * 2)

    def wake(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@pytest.fixture
async def process(certificates: Certificates) -> AsyncIterator[Process]:
    certificates.leaf("bbs")
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.leased_server", str(TTL), str(certificates.folder),
        cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdout is not None
    port = int(await asyncio.wait_for(started.stdout.readline(), 30))
    yield Process(started, port)
    started.kill()
    await started.communicate()


async def nothing_follows(raw: Raw) -> int:
    """Bytes that still come; the connection must end by a reset or without the rest."""
    count = 0
    try:
        async with asyncio.timeout(10):
            while data := await raw.reader.read(65536):
                count += len(data)
    except (ConnectionError, OSError):
        pass
    return count


async def test_a_call_in_flight_is_not_answered(process: Process, certificates: Certificates) -> None:
    async with Raw(process.port, certificates.context()) as raw:
        raw.send(post("/v1/domains/upsert", b"\n\x01a"))
        await raw.writer.drain()
        await asyncio.sleep(0.2)
        await process.stopped_beyond_the_lease()
        process.wake()
        assert await nothing_follows(raw) == 0


async def test_a_read_that_arrived_meanwhile_is_not_answered(process: Process, certificates: Certificates) -> None:
    async with Raw(process.port, certificates.context()) as raw:
        raw.send(post("/v1/ping"))
        assert (await raw.reply()).status == 200
        await process.stopped_beyond_the_lease()
        raw.send(post("/v1/ping"))
        await raw.writer.drain()
        process.wake()
        assert await nothing_follows(raw) == 0


async def test_an_open_stream_ends_without_another_event(process: Process, certificates: Certificates) -> None:
    async with Raw(process.port, certificates.context("bbs")) as raw:
        raw.send(b"GET /stream/v1 HTTP/1.1\r\nHost: bbs\r\n\r\n")
        await raw.reader.readuntil(b"event\r\n")
        await process.stopped_beyond_the_lease()
        while await has_more(raw):
            pass
        process.wake()
        assert await nothing_follows(raw) == 0


async def has_more(raw: Raw) -> bool:
    """Takes what left before the stop."""
    try:
        return bool(await asyncio.wait_for(raw.reader.read(65536), 0.2))
    except TimeoutError:
        return False


async def test_a_bulk_answer_that_is_read_slowly_is_cut_and_nothing_of_it_leaves(
    process: Process, certificates: Certificates
) -> None:
    async with Raw(process.port, certificates.context()) as raw:
        raw.send(post("/v1/domains/list"))
        await raw.reader.readexactly(1024 * 1024)
        await process.stopped_beyond_the_lease()
        # What the kernels held when the process stopped, and could not be taken back by a process that does not run.
        while await has_more(raw):
            pass
        process.wake()
        assert await nothing_follows(raw) == 0


async def test_a_bulk_answer_whose_reader_slept_too_is_never_whole(
    process: Process, certificates: Certificates
) -> None:
    async with Raw(process.port, certificates.context()) as raw:
        raw.send(post("/v1/domains/list"))
        await raw.reader.readexactly(1024)
        await process.stopped_beyond_the_lease()
        process.wake()
        assert await nothing_follows(raw) < BULK_BYTES // 4
