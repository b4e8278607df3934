"""The runtime over its real socket: real processes start, answer, end, and are ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from components.rep.runtime import processes
from components.rep.runtime.client import RuntimeClient, RuntimeRefused
from components.rep.runtime.protocol import Report, Spec
from components.rep.runtime.server import RuntimeServer
from tests.components.ports import free_ports
from tests.components.waiting import until

SERVER = f"exec {sys.executable} -m http.server --bind 127.0.0.1 $PORT"
LIMIT_S = 20


class World:
    """A runtime, its client, and every report heard."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(2)
        self.folder = folder
        self.server = RuntimeServer(folder / "s", folder, range(min(ports), max(ports) + 1), 2.0)
        self.heard: asyncio.Queue[Report] = asyncio.Queue()
        self.client = RuntimeClient(folder / "s", self.heard.put_nowait)

    async def until(self, state: str) -> Report:
        async with asyncio.timeout(LIMIT_S):
            while True:
                report = await self.heard.get()
                if report["state"] == state:
                    return report


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.server.open()
    await made.client.ping()
    yield made
    await made.client.close()
    await made.server.close()


def shell(command: str, source: str = "APP") -> dict[str, Any]:
    return {
        "kind": "run",
        "path": "/bin/sh",
        "args": ["-c", command],
        "directory": "",
        "environment": [],
        "quiet": True,
        "log_source": source,
    }


def spec(action: dict[str, Any], ports: list[int] | None = None, **changes: Any) -> Spec:
    environment = [("PORT", "{host_port:8080}")] if ports else []
    made = Spec(
        setup=None,
        action=action,
        environment=environment,
        ports=ports or [],
        start_timeout_s=10,
        long_running=True,
        result_file="",
    )
    return made | changes  # type: ignore[return-value, operator]


async def test_an_app_is_running_once_its_port_answers(world: World) -> None:
    await world.client.run("g", spec(shell(SERVER), [8080]))
    report = await world.until("running")
    ((app, host),) = report["ports"]
    _, writer = await asyncio.open_connection("127.0.0.1", host)
    writer.close()
    assert app == 8080


async def test_an_app_that_never_listens_ends_with_words_that_say_so(world: World) -> None:
    await world.client.run("g", spec(shell("sleep 60"), [8080], start_timeout_s=0.5))
    report = await world.until("completed")
    assert report["failed"]
    assert report["reason"].startswith("Instance never healthy after 0.5s")


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (shell("exit 3"), "APP: Exited with status 3"),
        ({"kind": "serial", "actions": [shell("exit 0"), shell("exit 4")]}, "APP: Exited with status 4"),
        ({"kind": "timeout", "timeout_s": 0.2, "action": shell("sleep 60")}, "exceeded 0.2s timeout"),
        ({"kind": "try", "action": shell("exit 5")}, ""),
        ({"kind": "parallel", "actions": [shell("exit 1", "A"), shell("exit 2", "B")]},
         "A: Exited with status 1; B: Exited with status 2"),
        ({"kind": "codependent", "actions": [shell("sleep 60"), shell("exit 0")]}, "a codependent action exited"),
        (shell("exit 0") | {"path": "/no/such/program"}, "APP: /no/such/program: No such file or directory"),
        ({"kind": "download"},
         "this cell can't carry out a download action; wanted run, timeout, try, serial, parallel"),
    ],
)  # fmt: skip
async def test_an_action_ends_as_its_kind_says(world: World, action: dict[str, Any], reason: str) -> None:
    await world.client.run("g", spec(action))
    assert (await world.until("completed"))["reason"] == reason


async def test_a_stopped_app_ends_as_stopped_with_all_its_processes(world: World) -> None:
    await world.client.run("g", spec(shell("sleep 77 & echo $! > child; wait")))
    note = world.folder / "containers" / "g" / "child"
    await until(lambda: note.exists() and note.read_text().strip())
    child = int(note.read_text())
    await world.client.stop("g")
    report = await world.until("completed")
    assert (report["stopped"], report["failed"]) == (True, False)
    await until(lambda: not _runs(child))


async def test_a_task_hands_over_its_result_file(world: World) -> None:
    await world.client.run("g", spec(shell("printf done > out"), result_file="out", long_running=False))
    assert (await world.until("completed"))["result"] == "done"


async def test_the_end_of_an_app_is_not_lost_on_a_rep_that_was_away(world: World) -> None:
    await world.client.close()
    other = RuntimeClient(world.folder / "s", lambda report: None)
    await other.run("g", spec(shell("exit 3")))
    await until(partial(_completed, other, "g"))
    await other.close()


async def test_a_deleted_container_gives_its_ports_back(world: World) -> None:
    for guid in ("a", "b", "c", "d", "e"):
        await world.client.run(guid, spec(shell(SERVER), [8080]))
        await world.client.delete(guid)
    assert await world.client.reports() == {}


async def test_a_container_that_is_unknown_can_not_be_stopped(world: World) -> None:
    with pytest.raises(RuntimeRefused):
        await world.client.stop("nobody")


async def test_a_new_life_ends_what_a_killed_one_left(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from components.rep.runtime import processes\n"
        "f = Path(sys.argv[1]); f.mkdir(parents=True)\n"
        "asyncio.run(processes.run('/bin/sleep', ['99'], directory=f, environment={}, notes=f, quiet=True, grace=1))\n"
    )
    notes = tmp_path / "containers" / "g"
    earlier = subprocess.Popen([sys.executable, "-c", program, str(notes)])  # noqa: ASYNC220 - it must outlive the loop
    await until(lambda: list(notes.glob("*.process")))
    orphan = int(next(notes.glob("*.process")).name.removesuffix(".process"))
    earlier.send_signal(signal.SIGKILL)
    earlier.wait()
    assert _runs(orphan)
    assert processes.end_leftovers(tmp_path / "containers") == 1
    await until(lambda: not _runs(orphan))


async def _completed(client: RuntimeClient, guid: str) -> bool:
    return (await client.reports())[guid]["state"] == "completed"


def _runs(pid: int) -> bool:
    """A process that ended but was not reaped by its parent does not run."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
