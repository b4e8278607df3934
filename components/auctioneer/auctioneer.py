"""The auction loop: queue in, work out to cells, failures back to the BBS.

Nothing is durable here: what is lost is asked for again by the BBS's convergence.
"""

from __future__ import annotations

import asyncio

import structlog
from google.protobuf.message import Message
from pydantic import ValidationError

from bbs.client import BBSClient, ClientError
from bbs.wire import actual_lrp_pb2, core_pb2, task_pb2
from components.auctioneer.auction import LRP, CellState, Task
from components.auctioneer.candidates import Candidate
from components.auctioneer.configuration import AuctioneerConfiguration
from components.auctioneer.schedule import schedule
from components.http import HTTPFailure, JSONClient

PAUSE_S = 1.0
CELL_ATTEMPTS = 3
REFUSED = "cell refused the work"

log = structlog.get_logger()


class Auctioneer:
    """Owns the queue. One auction at a time; what arrives meanwhile goes into the next."""

    def __init__(self, configuration: AuctioneerConfiguration, bbs: BBSClient, cells: JSONClient) -> None:
        self._configuration = configuration
        self._bbs = bbs
        self._cells = cells
        self._lrps: list[LRP] = []
        self._tasks: list[Task] = []
        self._queued = asyncio.Event()
        self.counts = {"lrps_started": 0, "lrps_failed": 0, "tasks_started": 0, "tasks_failed": 0}

    def add(self, lrps: list[LRP], tasks: list[Task]) -> None:
        """Queue work."""
        self._lrps += lrps
        self._tasks += tasks
        if lrps or tasks:
            self._queued.set()

    async def run(self) -> None:
        """Hold auctions until cancelled."""
        while True:
            await self._queued.wait()
            self._queued.clear()
            try:
                candidates = await self._candidates()
            except ClientError as error:
                log.warning("cells-unknown", error=str(error))
                await asyncio.sleep(PAUSE_S)
                self._queued.set()
                continue
            try:
                await self._auction(candidates)
            except Exception:
                log.exception("auction-failed")

    async def _candidates(self) -> list[Candidate]:
        """The cells that answer and take work; asked again when there is none. Raises ClientError."""
        for _ in range(CELL_ATTEMPTS):
            states = await asyncio.gather(*(self._state(cell) for cell in await self._bbs.cells()))
            found = [candidate for candidate in states if candidate is not None]
            if found:
                return found
            await asyncio.sleep(PAUSE_S)
        return []

    async def _state(self, cell: core_pb2.CellPresence) -> Candidate | None:
        try:
            limit = self._configuration.cell_state_timeout
            answer = await self._cells.call("GET", f"{cell.rep_url}/state", within=limit)
            if answer.status != 200:
                log.info("cell-left-out", cell_id=cell.cell_id, status=answer.status)
                return None
            state = CellState.model_validate(answer.json())
        except (HTTPFailure, ValidationError) as error:
            log.info("cell-left-out", cell_id=cell.cell_id, error=str(error))
            return None
        if state.evacuating or state.cell_id != cell.cell_id:
            return None
        return Candidate(state, cell.rep_url, self._configuration.starting_container_weight)

    async def _auction(self, candidates: list[Candidate]) -> None:
        lrps, self._lrps = self._lrps, []
        tasks, self._tasks = self._tasks, []
        limit = self._configuration.starting_container_count_maximum
        failures = schedule(candidates, lrps, tasks, in_flight_limit=limit)
        winners = [candidate for candidate in candidates if candidate.lrps or candidate.tasks]
        refusals = await asyncio.gather(*(self._send(candidate) for candidate in winners))
        for refused_lrps, refused_tasks in refusals:
            failures.lrps.extend((lrp, REFUSED) for lrp in refused_lrps)
            failures.tasks.extend((task, REFUSED) for task in refused_tasks)
        self._count(winners, len(failures.lrps), len(failures.tasks))
        reports = [self._fail_lrp(lrp, reason) for lrp, reason in failures.lrps]
        reports += [self._reject_task(task, reason) for task, reason in failures.tasks]
        await asyncio.gather(*reports)

    async def _send(self, candidate: Candidate) -> tuple[list[LRP], list[Task]]:
        """Give a cell its work; returns what it refused. A cell that does not answer may have taken it."""
        work = {
            "LRPs": [lrp.work() for lrp in candidate.lrps],
            "Tasks": [task.work() for task in candidate.tasks],
            "cell_id": candidate.cell_id,
        }
        try:
            answer = await self._cells.call("POST", f"{candidate.rep_url}/work", work)
            if answer.status != 200:
                log.warning("work-not-taken", cell_id=candidate.cell_id, status=answer.status)
                return [], []
            refused = answer.json()
        except HTTPFailure as error:
            log.warning("work-not-taken", cell_id=candidate.cell_id, error=str(error))
            return [], []
        names = {f"{each['process_guid']}.{each['index']}" for each in refused.get("LRPs") or ()}
        guids = {each["TaskGuid"] for each in refused.get("Tasks") or ()}
        return [lrp for lrp in candidate.lrps if lrp.name in names], [t for t in candidate.tasks if t.name in guids]

    async def _fail_lrp(self, lrp: LRP, reason: str) -> None:
        key = actual_lrp_pb2.ActualLRPKey(process_guid=lrp.process_guid, index=lrp.index, domain=lrp.domain)
        request = actual_lrp_pb2.FailActualLRPRequest(actual_lrp_key=key, error_message=reason.encode())
        log.info("lrp-unplaced", process_guid=lrp.process_guid, index=lrp.index, reason=reason)
        await self._report("/v1/actual_lrps/fail", request, actual_lrp_pb2.ActualLRPLifecycleResponse())

    async def _reject_task(self, task: Task, reason: str) -> None:
        request = task_pb2.RejectTaskRequest(task_guid=task.task_guid, rejection_reason=reason.encode())
        log.info("task-unplaced", task_guid=task.task_guid, reason=reason)
        await self._report("/v1/tasks/reject", request, task_pb2.TaskLifecycleResponse())

    async def _report(self, path: str, request: Message, response: Message) -> None:
        try:
            await self._bbs.ask(path, request, response)
        except ClientError as error:
            log.warning("failure-not-reported", path=path, error=str(error))

    def _count(self, winners: list[Candidate], lrps_failed: int, tasks_failed: int) -> None:
        self.counts["lrps_started"] += sum(len(candidate.lrps) for candidate in winners)
        self.counts["tasks_started"] += sum(len(candidate.tasks) for candidate in winners)
        self.counts["lrps_failed"] += lrps_failed
        self.counts["tasks_failed"] += tasks_failed
