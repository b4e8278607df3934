"""Calls about desired and actual LRPs, by the names Diego's clients use."""

from __future__ import annotations

from collections.abc import Sequence

from bbs.client.asking import Asking
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired

Key = actual.ActualLRPKey
InstanceKey = actual.ActualLRPInstanceKey


class LRPCalls(Asking):
    """Every call raises BBSError (typed) or NotAvailable."""

    async def actual_lrps(
        self, *, cell_id: str = "", process_guid: str = "", domain: str = "", index: int | None = None
    ) -> list[actual.ActualLRP]:
        """The actual LRPs that match all that is given, of every presence."""
        request = actual.ActualLRPsRequest(cell_id=cell_id, process_guid=process_guid, domain=domain)
        if index is not None:
            request.index = index
        return list((await self.ask("/v1/actual_lrps/list", request, actual.ActualLRPsResponse())).actual_lrps)

    async def desired_lrp(self, process_guid: str) -> desired.DesiredLRP:
        """One desired LRP."""
        request = desired.DesiredLRPByProcessGuidRequest(process_guid=process_guid)
        path = "/v1/desired_lrps/get_by_process_guid.r3"
        return (await self.ask(path, request, desired.DesiredLRPResponse())).desired_lrp

    async def desired_lrps(self, *, domain: str = "", process_guids: Sequence[str] = ()) -> list[desired.DesiredLRP]:
        """The desired LRPs of a domain, or of these guids, or all."""
        request = desired.DesiredLRPsRequest(domain=domain, process_guids=process_guids)
        return list((await self.ask("/v1/desired_lrps/list.r3", request, desired.DesiredLRPsResponse())).desired_lrps)

    async def scheduling_infos(
        self, *, domain: str = "", process_guids: Sequence[str] = ()
    ) -> list[desired.DesiredLRPSchedulingInfo]:
        """What a scheduler needs of desired LRPs."""
        request = desired.DesiredLRPsRequest(domain=domain, process_guids=process_guids)
        response = desired.DesiredLRPSchedulingInfosResponse()
        infos = await self.ask("/v1/desired_lrp_scheduling_infos/list", request, response)
        return list(infos.desired_lrp_scheduling_infos)

    async def desire_lrp(self, lrp: desired.DesiredLRP) -> None:
        """Desire an LRP. A repetition of a call that got through answers ResourceExists."""
        await self.ask("/v1/desired_lrp/desire.r2", desired.DesireLRPRequest(desired_lrp=lrp), _changed())

    async def update_desired_lrp(self, process_guid: str, update: desired.DesiredLRPUpdate) -> None:
        """Change instances, routes, annotation, metric tags or image credentials."""
        request = desired.UpdateDesiredLRPRequest(process_guid=process_guid, update=update)
        await self.ask("/v1/desired_lrp/update", request, _changed())

    async def remove_desired_lrp(self, process_guid: str) -> None:
        """Remove a desired LRP and stop its instances."""
        request = desired.RemoveDesiredLRPRequest(process_guid=process_guid)
        await self.ask("/v1/desired_lrp/remove", request, _changed())

    async def claim_actual_lrp(self, process_guid: str, index: int, instance: InstanceKey) -> None:
        """A cell takes the instance. ActualLRPCannotBeClaimed: another has it, delete the container."""
        request = actual.ClaimActualLRPRequest(process_guid=process_guid, index=index, actual_lrp_instance_key=instance)
        await self.ask("/v1/actual_lrps/claim", request, actual.ActualLRPLifecycleResponse())

    async def start_actual_lrp(self, request: actual.StartActualLRPRequest) -> None:
        """A cell reports the instance running; also its heartbeat. ActualLRPCannotBeStarted: stop the container."""
        await self.ask("/v1/actual_lrps/start.r1", request, actual.ActualLRPLifecycleResponse())

    async def crash_actual_lrp(self, key: Key, instance: InstanceKey, error_message: str) -> None:
        """The instance ended by itself."""
        request = actual.CrashActualLRPRequest(
            actual_lrp_key=key, actual_lrp_instance_key=instance, error_message=error_message.encode()
        )
        await self.ask("/v1/actual_lrps/crash", request, actual.ActualLRPLifecycleResponse())

    async def fail_actual_lrp(self, key: Key, error_message: str) -> None:
        """The auctioneer found no place for it."""
        request = actual.FailActualLRPRequest(actual_lrp_key=key, error_message=error_message.encode())
        await self.ask("/v1/actual_lrps/fail", request, actual.ActualLRPLifecycleResponse())

    async def remove_actual_lrp(self, process_guid: str, index: int, instance: InstanceKey | None = None) -> None:
        """The instance is gone; with `instance` only if it is still that one."""
        request = actual.RemoveActualLRPRequest(process_guid=process_guid, index=index)
        if instance is not None:
            request.actual_lrp_instance_key.CopyFrom(instance)
        await self.ask("/v1/actual_lrps/remove", request, actual.ActualLRPLifecycleResponse())

    async def retire_actual_lrp(self, key: Key) -> None:
        """Stop one instance for good."""
        request = actual.RetireActualLRPRequest(actual_lrp_key=key)
        await self.ask("/v1/actual_lrps/retire", request, actual.ActualLRPLifecycleResponse())

    async def remove_evacuating_actual_lrp(self, key: Key, instance: InstanceKey) -> None:
        """The evacuating row is no longer needed."""
        request = actual.RemoveEvacuatingActualLRPRequest(actual_lrp_key=key, actual_lrp_instance_key=instance)
        await self.ask("/v1/actual_lrps/remove_evacuating", request, actual.RemoveEvacuatingActualLRPResponse())

    async def evacuate_running_actual_lrp(self, request: actual.EvacuateRunningActualLRPRequest) -> bool:
        """Whether the container must be kept: True until the replacement runs, then ask again."""
        return (await self.ask("/v1/actual_lrps/evacuate_running.r1", request, _evacuation())).keep_container

    async def evacuate_claimed_actual_lrp(self, key: Key, instance: InstanceKey) -> bool:
        """Give a claimed instance back; whether to keep the container."""
        request = actual.EvacuateClaimedActualLRPRequest(actual_lrp_key=key, actual_lrp_instance_key=instance)
        return (await self.ask("/v1/actual_lrps/evacuate_claimed", request, _evacuation())).keep_container

    async def evacuate_stopped_actual_lrp(self, key: Key, instance: InstanceKey) -> bool:
        """A stopped instance on a cell that evacuates; whether to keep the container."""
        request = actual.EvacuateStoppedActualLRPRequest(actual_lrp_key=key, actual_lrp_instance_key=instance)
        return (await self.ask("/v1/actual_lrps/evacuate_stopped", request, _evacuation())).keep_container

    async def evacuate_crashed_actual_lrp(self, key: Key, instance: InstanceKey, error_message: str) -> bool:
        """A crashed instance on a cell that evacuates; whether to keep the container."""
        request = actual.EvacuateCrashedActualLRPRequest(
            actual_lrp_key=key, actual_lrp_instance_key=instance, error_message=error_message.encode()
        )
        return (await self.ask("/v1/actual_lrps/evacuate_crashed", request, _evacuation())).keep_container


def _changed() -> desired.DesiredLRPLifecycleResponse:
    return desired.DesiredLRPLifecycleResponse()


def _evacuation() -> actual.EvacuationResponse:
    return actual.EvacuationResponse()
