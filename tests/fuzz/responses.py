"""The response message of every route, as a client would read it."""

from __future__ import annotations

from google.protobuf.message import Message

from bbs.models.routes import ROUTES
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models.recording import RESPONSES as LISTED

_LIFECYCLES: dict[str, type[Message]] = {
    "/v1/ping": core.PingResponse,
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


def _response(path: str) -> type[Message]:
    named = {**LISTED, **_LIFECYCLES}.get(path)
    return named or next(message for start, message in _FAMILIES.items() if path.startswith(start))


RESPONSES = {route.path: _response(route.path) for route in ROUTES}
