"""The reconcile loop: containers here, rows there, one operation for each difference.

A pass that can't read all three (containers, LRP rows, tasks) does nothing: a cell that can't see must not delete.
Between passes the runtime's reports drive single containers at once.
"""

from __future__ import annotations

import asyncio
import time

import structlog

from bbs.client import ClientError
from components.rep import lrps, residuals, tasks
from components.rep.cell import Cell
from components.rep.containers import Lifecycle, State
from components.rep.queue import KeyedQueue
from components.rep.runtime.client import RuntimeRefused, RuntimeUnavailable
from components.rep.runtime.protocol import Report

RUNTIME_PAUSE_S = 1.0
"""Between two questions to a runtime that is not there."""

log = structlog.get_logger()


class Bulker:
    """Drives every container of `cell` until it is closed."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._queue = KeyedQueue()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.passes = 0

    def start(self) -> None:
        """Begin with a pass at once: rows of an earlier life have no container any more."""
        self._task = asyncio.create_task(self._loop())

    async def close(self) -> None:
        """Stop; what runs is cancelled, nothing is reported."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._queue.close()

    def wake(self) -> None:
        """Make the next pass now: the mode changed."""
        self._woken.set()

    def touch(self, guid: str) -> None:
        """Look at one container now."""
        self._queue.push(guid, lambda: self._operate(guid))

    def heard(self, report: Report) -> None:
        """The runtime says how a container is."""
        container = self._cell.ledger.get(report["guid"])
        if container is not None:
            container.take(report)
            self.touch(report["guid"])

    async def _loop(self) -> None:
        while True:
            self._woken.clear()
            pause = self._pause()
            try:
                await self._pass()
            except RuntimeUnavailable as error:
                # What ran may have gone with the runtime: known at once when it is back, not half a minute later.
                log.warning("pass-skipped", error=str(error))
                pause = min(pause, RUNTIME_PAUSE_S)
            except Exception:
                log.exception("pass-failed")
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue

    def _pause(self) -> float:
        settings = self._cell.configuration
        return settings.evacuation_polling_interval if self._cell.evacuating else settings.polling_interval

    async def _pass(self) -> None:
        """Raises RuntimeUnavailable."""
        cell = self._cell
        try:
            reports, rows, task_rows = await asyncio.gather(
                cell.runtime.reports(), cell.bbs.actual_lrps(cell_id=cell.cell_id), cell.bbs.tasks(cell_id=cell.cell_id)
            )
        except (ClientError, RuntimeRefused) as error:
            if isinstance(error, ClientError):
                cell.contact.failed(time.monotonic(), str(error))
            log.warning("pass-skipped", error=str(error))
            return
        cell.contact.succeeded()
        self._follow(reports)
        for container in cell.ledger:
            self.touch(container.guid)
        for key, operation in (*residuals.of_lrps(cell, rows), *residuals.of_tasks(cell, task_rows)):
            self._queue.push(key, operation)
        self.passes += 1

    def _follow(self, reports: dict[str, Report]) -> None:
        """Take over what the runtime says; what it lost has ended."""
        self._cell.ledger.expire_reservations()
        for container in self._cell.ledger:
            report = reports.get(container.guid)
            if report is not None:
                container.take(report)
            elif container.state in (State.CREATED, State.RUNNING):
                container.complete("missing container")

    async def _operate(self, guid: str) -> None:
        container = self._cell.ledger.get(guid)
        if container is None:
            return
        before = container.state
        await self._once(guid)
        if container.state is State.COMPLETED and before is not State.COMPLETED:
            await self._once(guid)

    async def _once(self, guid: str) -> None:
        container = self._cell.ledger.get(guid)
        if container is None:
            return
        if container.lifecycle is Lifecycle.TASK:
            await tasks.operate(self._cell, container)
        elif self._cell.evacuating:
            await lrps.evacuating(self._cell, container)
        else:
            await lrps.ordinary(self._cell, container)
