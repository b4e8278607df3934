"""The programs as real processes: configuration written, started by module, ended by pid."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import yaml

STOP_S = 20.0
AS_USER = (
    "import os, encodings.idna, concurrent.futures.thread, grpc.aio, components.rep.process; "
    "os.setgroups([]); os.setgid({0}); os.setuid({0}); "
)
"""Imports first: another user may not reach the Python that runs the tests."""


class Program:
    """One process of ours. Its log lies beside its configuration."""

    def __init__(
        self,
        folder: Path,
        name: str,
        module: str,
        configuration: dict[str, Any],
        *verb: str,
        command: list[str] | None = None,
        user: int = 0,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.file = folder / f"{name}.yaml"
        self.file.write_text(yaml.safe_dump(configuration))
        become = AS_USER.format(user) if user else ""
        code = f"from {module} import main; {become}main()"
        start = command or [sys.executable, "-c", code, *(verb or ("serve",))]
        self._command = [*start, "--config", str(self.file)]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; what it serves has to be awaited."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, start_new_session=True
            )

    def signal(self, number: signal.Signals) -> None:
        """To that process alone."""
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def stop(self) -> int:
        """SIGTERM, and its exit code; SIGKILL to its group when it does not end."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        try:
            return await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            os.killpg(self._process.pid, signal.SIGKILL)
            return await self._process.wait()

    async def wait(self) -> int:
        """Its exit code once it ends by itself."""
        assert self._process is not None
        return await self._process.wait()

    def tail(self) -> str:
        """The end of its log, for a failure's words."""
        return f"{self.name}: ..." + self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
