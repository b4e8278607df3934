"""Child processes in groups of their own, and the note that lets a later life of the cell end them.

A cell that was killed leaves its apps behind when it is not PID 1 of a container. So each process is noted in a file
(pid and kernel start time, which together never repeat), and a runtime that starts ends what an earlier one left.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import orjson

KILL_WAIT_S = 1.0
REAP_PAUSE_S = 0.02


async def run(
    path: str,
    args: list[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    notes: Path,
    quiet: bool,
    grace: float,
) -> int:
    """Run a program until it ends, and return its status (negative: signal). Cancelled: SIGTERM, `grace` s, SIGKILL.

    Its output goes to this process's standard output, which carries no logs of the cell.
    """
    out = asyncio.subprocess.DEVNULL if quiet else None
    child = await asyncio.create_subprocess_exec(
        path,
        *args,
        cwd=directory,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=out,
        stderr=asyncio.subprocess.DEVNULL if quiet else 1,
        start_new_session=True,
    )
    note = notes / f"{child.pid}.process"
    note.write_bytes(orjson.dumps({"pid": child.pid, "started": _started(child.pid)}))
    try:
        return await child.wait()
    finally:
        await _end(child, grace)
        note.unlink(missing_ok=True)


async def _end(child: asyncio.subprocess.Process, grace: float) -> None:
    """The whole group goes, also what the program left behind when it ended by itself."""
    if child.returncode is None:
        _signal(child.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), grace)
    _signal(child.pid, signal.SIGKILL)
    if child.returncode is None:
        await asyncio.wait_for(child.wait(), KILL_WAIT_S)
    await _reap(child.pid)


async def _reap(group: int) -> None:
    """As PID 1 of a container this process inherits what an app leaves behind: take it from the process table."""
    deadline = time.monotonic() + KILL_WAIT_S
    with suppress(ChildProcessError):
        while time.monotonic() < deadline:
            ended, _ = os.waitpid(-group, os.WNOHANG)  # noqa: ASYNC222 - WNOHANG does not wait
            if not ended:
                await asyncio.sleep(REAP_PAUSE_S)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end_leftovers(notes: Path) -> int:
    """SIGKILL every group that is noted below `notes` and still is the noted process; returns how many."""
    ended = 0
    for note in notes.glob("*/*.process"):
        content = orjson.loads(note.read_bytes())
        if _started(content["pid"]) == content["started"] is not None:
            _signal(content["pid"], signal.SIGKILL)
            ended += 1
        note.unlink()
    return ended


def _started(pid: int) -> int | None:
    """When the kernel started `pid`, in clock ticks since boot; None when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[19])
