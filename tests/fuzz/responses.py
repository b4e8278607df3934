"""The response message of every route, as a client would read it."""

from __future__ import annotations

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from bbs.models.routes import ROUTES
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.golden.messages import response

_CHANGES: dict[str, type[Message]] = {
    "/v1/domains/upsert": core.UpsertDomainResponse,
    "/v1/actual_lrps/remove_evacuating": actual.RemoveEvacuatingActualLRPResponse,
    "/v1/tasks/start": task.StartTaskResponse,
}
_FAMILIES: dict[str, type[Message]] = {
    "/v1/actual_lrps/evacuate": actual.EvacuationResponse,
    "/v1/actual_lrps/": actual.ActualLRPLifecycleResponse,
    "/v1/desired_lrp/": desired.DesiredLRPLifecycleResponse,
    "/v1/tasks/": task.TaskLifecycleResponse,
}


def _changed(path: str) -> type[Message]:
    return _CHANGES.get(path) or next(message for start, message in _FAMILIES.items() if path.startswith(start))


RESPONSES = {
    route.path: _changed(route.path) if route.kind == "transition" else GetMessageClass(response(route.path)[0])
    for route in ROUTES
}
