"""The supervisor: PID 1 of a BBS's container, and the death certificate.

When the server child is gone, however it went, everything else in the container is ended and reaped, and only then is
the epoch that the child held released: nobody is left who could still act for it. So a killed server is replaced in
well under a second instead of after the ttl. Then the child is started again: no restart back-off of the container is
ever added to an outage. The supervisor itself ends only with its child in order, or for bad configuration.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from types import FrameType

from bbs.configuration import BBSConfiguration
from bbs.master.life import life_of
from bbs.master.wiring import start_logs, store_configs
from bbs.stores.contract import StoreError
from bbs.stores.opening import StoreConfig, open_store

BAD_CONFIGURATION = 2
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
_LONG_LIFE = 30.0
_PR_SET_CHILD_SUBREAPER = 36


def supervise(configuration: BBSConfiguration, command: Sequence[str]) -> int:
    """Run `command` as the child until it ends in order; its exit code."""
    return _Supervisor(configuration, command).run()


class _Supervisor:
    def __init__(self, configuration: BBSConfiguration, command: Sequence[str]) -> None:
        self._configuration = configuration
        self._command = list(command)
        self._child: subprocess.Popen[bytes] | None = None
        self._asked_to_end = False
        self._journal, _ = start_logs(configuration, component="bbs-supervisor")

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._forward)
        # Orphans of the child come to us, so that none outlives it unseen, whatever PID we have.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        short_lives = 0
        while True:
            started = time.monotonic()
            code = self._one_life()
            if self._asked_to_end or code in (0, BAD_CONFIGURATION):
                return max(code, 0) if code >= 0 else 128 - code
            short_lives = 0 if time.monotonic() - started > _LONG_LIFE else short_lives + 1
            time.sleep(_PAUSES[min(short_lives, len(_PAUSES)) - 1] if short_lives else 0.0)

    def _forward(self, number: int, _: FrameType | None) -> None:
        self._asked_to_end = True
        if self._child is not None and self._child.returncode is None:
            self._child.send_signal(number)

    def _one_life(self) -> int:
        self._child = subprocess.Popen(self._command)
        life = life_of(self._child.pid)
        if self._asked_to_end:
            self._child.terminate()
        code = self._child.wait()
        self._end_the_others()
        if code != 0:
            self._journal("server-died", code=code, life=life)
            asyncio.run(self._certify_all(life))
        return code

    @staticmethod
    def _end_the_others() -> None:
        """SIGKILL whatever the child left behind, and reap it: PID 1 owns every process of its container."""
        for pid in _descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)

    async def _certify_all(self, life: str) -> None:
        """In each store that it may have held: one that moves records holds two."""
        await asyncio.gather(*(self._certify(life, where) for where in store_configs(self._configuration)))

    async def _certify(self, life: str, where: StoreConfig) -> None:
        """Release the epoch of that life, if it held one. Best effort: otherwise the ttl does it."""
        store = open_store(where)
        try:
            async with asyncio.timeout(self._configuration.lock.ttl):
                seen = await store.read_liveness()
                if seen is None or seen.released or seen.holder.split("/")[:2] != [self._configuration.member, life]:
                    return
                await store.release(seen.epoch, seen.holder)
                self._journal("released", epoch=seen.epoch, certificate=True)
        except (StoreError, TimeoutError) as error:
            self._journal("certificate-not-written", error=str(error))
        finally:
            await store.close()


def _descendants(pid: int) -> list[int]:
    """All processes below `pid`, children first."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as listing:  # noqa: PTH123 - procfs
            children = [int(child) for child in listing.read().split()]
    except OSError:
        return []
    return children + [further for child in children for further in _descendants(child)]
