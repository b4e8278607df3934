"""One `bbs serve`: its configuration, its two processes, its log, and the ways to ask and to hurt it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from bbs.client import BBSClient, ClientTLS
from tests.engines.ports import free_port
from tests.processes.waiting import until

ROOT = Path(__file__).parents[2]


def leaf(certificates: Path, name: str) -> ClientTLS:
    """The files of a leaf that `bbs certs` wrote: server, client or operator."""
    return ClientTLS(certificates / "ca.crt", certificates / name / "tls.crt", certificates / name / "tls.key")


class Member:
    """A BBS with a supervisor, as a container would run it."""

    def __init__(self, folder: Path, name: str, certificates: Path, store: dict[str, Any], **settings: Any) -> None:
        self.name = name
        self.certificates = certificates
        self.port, self.health_port = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.config = folder / f"{name}.yaml"
        self.log = folder / f"{name}.log"
        self.supervisor: subprocess.Popen[bytes] | None = None
        self._started: set[int] = set()
        files = leaf(certificates, "server")
        document = {
            "member": name,
            "listen_address": f"127.0.0.1:{self.port}",
            "health_address": f"127.0.0.1:{self.health_port}",
            "advertise_url": self.url,
            "tls": {"ca_file": str(files.ca_file), "cert_file": str(files.cert_file), "key_file": str(files.key_file)},
            "store": store,
            **settings,
        }
        self.config.write_text(yaml.safe_dump(document))

    # --- its processes ---

    def command(self) -> list[str]:
        """What runs it."""
        return [sys.executable, "-m", "bbs.cli", "serve", "--config", str(self.config)]

    def start(self) -> None:
        """Run it; its log goes on where it was."""
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(self.command(), cwd=ROOT, stderr=log, stdin=subprocess.DEVNULL)
        self._started.add(self.supervisor.pid)

    @property
    def supervisor_pid(self) -> int:
        """PID of the supervisor."""
        assert self.supervisor is not None
        return self.supervisor.pid

    def child(self) -> int | None:
        """PID of the server child that runs now."""
        pid = self.supervisor_pid
        try:
            found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return None
        self._started.update(found)
        return found[0] if found else None

    def signal_child(self, number: signal.Signals) -> int:
        """Send the server child a signal; its PID."""
        pid = self.child()
        assert pid is not None, f"{self.name} has no server child"
        os.kill(pid, number)
        return pid

    def kill_container(self) -> None:
        """What the death of a node does: supervisor and server are gone at once, nobody writes a certificate."""
        child = self.child()
        self.signal_supervisor(signal.SIGKILL)
        if child is not None:
            os.kill(child, signal.SIGKILL)
        assert self.supervisor is not None
        self.supervisor.wait(10)

    def signal_supervisor(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)

    async def ended(self, limit: float = 60.0) -> int:
        """The exit code of the supervisor, once it is gone."""

        async def code() -> int | None:
            assert self.supervisor is not None
            return self.supervisor.poll()

        # 0 is an answer, but not one that `until` takes for one.
        return (await until(f"{self.name} ends", lambda: _shifted(code()), limit)) - 1

    def end(self) -> None:
        """End whatever of it still lives."""
        if self.supervisor is None:
            return
        self.child()
        if self.supervisor.poll() is None:
            self.supervisor.kill()
            self.supervisor.wait(10)
        for pid in self._started:
            if _is_ours(pid, self.config):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    # --- what it says ---

    def events(self, name: str = "", component: str = "bbs") -> list[dict[str, Any]]:
        """Its log lines of that event, in order."""
        if not self.log.exists():
            return []
        lines = self.log.read_bytes().splitlines()
        parsed = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]
        return [line for line in parsed if name in ("", line["event"]) and component in ("", line["component"])]

    async def logged(self, name: str, component: str = "bbs", after: int = 0, limit: float = 60.0) -> dict[str, Any]:
        """The first log line of that event beyond `after` of them."""

        async def look() -> dict[str, Any] | None:
            found = self.events(name, component)[after:]
            return found[0] if found else None

        return await until(f"{self.name} logs {name}", look, limit)

    def client(self, name: str = "client", timeout: float = 30.0) -> BBSClient:
        """A client that begins at this member."""
        return BBSClient(self.url, leaf(self.certificates, name), timeout=timeout)

    async def status(self) -> dict[str, Any] | None:
        """Its /status, None while it does not answer."""
        async with self.client() as client:
            with contextlib.suppress(Exception):
                return await client.status(within=2.0)
        return None

    async def comes_to(self, limit: float = 60.0, **wanted: Any) -> dict[str, Any]:
        """Its status once these members of it have these values."""

        async def look() -> dict[str, Any] | None:
            seen = await self.status()
            return seen if seen is not None and all(seen[name] == wanted[name] for name in wanted) else None

        return await until(f"{self.name} comes to {wanted}; it is {await self.status()}", look, limit)


async def _shifted(code: Any) -> int | None:
    seen = await code
    return None if seen is None else seen + 1


def _is_ours(pid: int, config: Path) -> bool:
    """The number still belongs to a process that serves this configuration, not to somebody who got it later."""
    try:
        return str(config).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def run(*arguments: object, limit: float = 120.0) -> tuple[int, str, str]:
    """The CLI: exit code, stdout, stderr."""
    command = [sys.executable, "-m", "bbs.cli", *(str(argument) for argument in arguments)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), limit)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out.decode(), err.decode()
