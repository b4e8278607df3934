"""Calls about tasks, by the names Diego's clients use."""

from __future__ import annotations

from bbs.client.asking import Asking
from bbs.wire import task_pb2 as wire


class TaskCalls(Asking):
    """Every call raises BBSError (typed) or NotAvailable."""

    async def tasks(self, *, domain: str = "", cell_id: str = "") -> list[wire.Task]:
        """The tasks that match all that is given."""
        request = wire.TasksRequest(domain=domain, cell_id=cell_id)
        return list((await self.ask("/v1/tasks/list.r3", request, wire.TasksResponse())).tasks)

    async def task(self, task_guid: str) -> wire.Task:
        """One task."""
        request = wire.TaskByGuidRequest(task_guid=task_guid)
        return (await self.ask("/v1/tasks/get_by_task_guid.r3", request, wire.TaskResponse())).task

    async def desire_task(
        self, task_guid: str, domain: str, definition: wire.TaskDefinition, *, callback_by_guid: bool = False
    ) -> None:
        """Desire a task. A repetition of a call that got through answers ResourceExists.

        `callback_by_guid`: the callback carries the guid alone; the caller fetches, resolves and deletes the task.
        """
        request = wire.DesireTaskRequest(task_guid=task_guid, domain=domain, task_definition=definition)
        revision = "r3" if callback_by_guid else "r2"
        await self.ask(f"/v1/tasks/desire.{revision}", request, wire.TaskLifecycleResponse())

    async def start_task(self, task_guid: str, cell_id: str) -> bool:
        """A cell takes the task; False: it has it already, do nothing."""
        request = wire.StartTaskRequest(task_guid=task_guid, cell_id=cell_id)
        return (await self.ask("/v1/tasks/start", request, wire.StartTaskResponse())).should_start

    async def complete_task(self, request: wire.CompleteTaskRequest) -> None:
        """A cell reports the task's end."""
        await self.ask("/v1/tasks/complete", request, wire.TaskLifecycleResponse())

    async def reject_task(self, task_guid: str, rejection_reason: str) -> None:
        """A cell or the auctioneer can't place it."""
        request = wire.RejectTaskRequest(task_guid=task_guid, rejection_reason=rejection_reason.encode())
        await self.ask("/v1/tasks/reject", request, wire.TaskLifecycleResponse())

    async def cancel_task(self, task_guid: str) -> None:
        """Complete it as failed."""
        await self.ask("/v1/tasks/cancel", wire.TaskGuidRequest(task_guid=task_guid), wire.TaskLifecycleResponse())

    async def resolving_task(self, task_guid: str) -> None:
        """Its result is being taken."""
        await self.ask("/v1/tasks/resolving", wire.TaskGuidRequest(task_guid=task_guid), wire.TaskLifecycleResponse())

    async def delete_task(self, task_guid: str) -> None:
        """Its result was taken."""
        await self.ask("/v1/tasks/delete", wire.TaskGuidRequest(task_guid=task_guid), wire.TaskLifecycleResponse())
