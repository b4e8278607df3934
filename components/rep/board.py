"""A container's facts as the messages that the BBS wants."""

from __future__ import annotations

from bbs.wire import actual_lrp_pb2 as wire
from components.rep.cell import Cell
from components.rep.containers import Container


def key(container: Container) -> wire.ActualLRPKey:
    """Which instance of which LRP."""
    return wire.ActualLRPKey(process_guid=container.process_guid, index=container.index, domain=container.domain)


def instance_key(cell: Cell, container: Container) -> wire.ActualLRPInstanceKey:
    """Which container on which cell."""
    return wire.ActualLRPInstanceKey(instance_guid=container.guid, cell_id=cell.cell_id)


def net_info(cell: Cell, container: Container) -> wire.ActualLRPNetInfo:
    """Where it answers: the cell's address and the host's ports; there is no other network to reach it by."""
    return wire.ActualLRPNetInfo(
        address=cell.app_address,
        ports=[wire.PortMapping(container_port=app, host_port=host) for app, host in container.ports],
        instance_address=cell.app_address,
        preferred_address=wire.ActualLRPNetInfo.HOST,
    )


def start_request(cell: Cell, container: Container) -> wire.StartActualLRPRequest:
    """The report that it runs, which is also its heartbeat."""
    return wire.StartActualLRPRequest(
        actual_lrp_key=key(container),
        actual_lrp_instance_key=instance_key(cell, container),
        actual_lrp_net_info=net_info(cell, container),
        actual_lrp_internal_routes=[wire.ActualLRPInternalRoute(hostname=name) for name in container.internal_routes],
        metric_tags=container.metric_tags,
        Routable=True,
        availability_zone=cell.configuration.zone,
    )


def evacuate_running_request(cell: Cell, container: Container) -> wire.EvacuateRunningActualLRPRequest:
    """The report that it runs on a cell that wants to be rid of it."""
    start = start_request(cell, container)
    return wire.EvacuateRunningActualLRPRequest(
        actual_lrp_key=start.actual_lrp_key,
        actual_lrp_instance_key=start.actual_lrp_instance_key,
        actual_lrp_net_info=start.actual_lrp_net_info,
        actual_lrp_internal_routes=start.actual_lrp_internal_routes,
        metric_tags=start.metric_tags,
        Routable=True,
        availability_zone=start.availability_zone,
    )
