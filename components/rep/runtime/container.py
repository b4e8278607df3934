"""One container: its directory, its ports, its actions from setup to end, and whether its port answers."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from components.rep.runtime import processes
from components.rep.runtime.actions import Action, ActionFailed, codependent, perform
from components.rep.runtime.ports import PortPool
from components.rep.runtime.protocol import Report, Spec

STARTUP_POLL_S = 0.25
LIVENESS_POLL_S = 30.0
CONNECT_S = 1.0
MAX_RESULT = 50 * 1024


class Container:
    """Runs a spec once. `changed` is called after each change of state."""

    def __init__(
        self, guid: str, spec: Spec, directory: Path, ports: PortPool, grace: float, changed: Callable[[Report], None]
    ) -> None:
        self._guid = guid
        self._spec = spec
        self._directory = directory
        self._pool = ports
        self._grace = grace
        self._changed = changed
        self._host_ports = ports.take(len(spec["ports"]))
        self._state: str = "created"
        self._failed = self._stopped = False
        self._reason = self._result = ""
        self._work = asyncio.create_task(self._live())

    def report(self) -> Report:
        """How it is."""
        return Report(
            guid=self._guid,
            state=self._state,  # type: ignore[typeddict-item]  # one of the three, set below
            ports=list(zip(self._spec["ports"], self._host_ports, strict=True)),
            failed=self._failed,
            stopped=self._stopped,
            reason=self._reason,
            result=self._result,
        )

    def stop(self) -> None:
        """Begin to end it; the end is reported as completed, stopped."""
        if not self._stopped and not self._work.done():
            self._stopped = True
            self._work.cancel()

    async def delete(self) -> None:
        """End it, wait for that, and give back what it used."""
        self.stop()
        await asyncio.wait([self._work])
        self._pool.give(self._host_ports)
        self._host_ports = []
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    async def _live(self) -> None:
        try:
            await self._actions()
            if self._spec["result_file"]:
                self._result = await asyncio.to_thread(_read_result, self._inside(self._spec["result_file"]))
        except ActionFailed as failure:
            self._failed, self._reason = True, str(failure)
        except asyncio.CancelledError:
            self._failed, self._reason = False, "stopped"
        except (OSError, TimeoutError) as error:
            self._failed, self._reason = True, f"{type(error).__name__}: {error}"
        self._become("completed")

    async def _actions(self) -> None:
        await asyncio.to_thread(self._directory.mkdir, parents=True, exist_ok=True)
        if self._spec["setup"] is not None:
            await perform(self._spec["setup"], self._run)
        if not self._spec["ports"]:
            self._become("running")
            await perform(self._spec["action"], self._run)
            return
        await codependent([perform(self._spec["action"], self._run), self._watch()], clean_exit_fails=False)

    async def _watch(self) -> None:
        """Running once the first port answers; an app that stops answering is ended."""
        began = time.monotonic()
        while not await _answers(self._host_ports[0]):
            if time.monotonic() - began > self._spec["start_timeout_s"]:
                port = self._spec["ports"][0]
                limit = self._spec["start_timeout_s"]
                raise ActionFailed(f"Instance never healthy after {limit:g}s: nothing listens on port {port}")
            await asyncio.sleep(STARTUP_POLL_S)
        self._become("running")
        while True:
            await asyncio.sleep(LIVENESS_POLL_S)
            if not await _answers(self._host_ports[0]):
                raise ActionFailed(f"Instance became unhealthy: port {self._spec['ports'][0]} does not answer")

    def _become(self, state: str) -> None:
        self._state = state
        self._changed(self.report())

    async def _run(self, action: Action) -> int:
        base = {"PATH": os.defpath, "HOME": str(self._directory), "TMPDIR": str(self._directory)}
        given = [*self._spec["environment"], *action["environment"]]
        variables = base | {name: self._with_ports(value) for name, value in given}
        return await processes.run(
            action["path"],
            [self._with_ports(argument) for argument in action["args"]],
            directory=self._inside(action["directory"]),
            environment=variables,
            notes=self._directory,
            quiet=action["quiet"],
            grace=self._grace,
        )

    def _inside(self, path: str) -> Path:
        """A path of the app: relative ones lie in the container's directory."""
        return self._directory / path

    def _with_ports(self, text: str) -> str:
        """`{host_port:8080}` becomes the host's port: known only here."""
        for app, host in zip(self._spec["ports"], self._host_ports, strict=True):
            text = text.replace(f"{{host_port:{app}}}", str(host))
        return text


async def _answers(port: int) -> bool:
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


def _read_result(path: Path) -> str:
    """The result file's text. Raises ActionFailed when it can't be read or is too large."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ActionFailed("failed to fetch result") from error
    if len(content) > MAX_RESULT:
        raise ActionFailed("failed to fetch result")
    return content.decode(errors="replace")
