"""Locket on gRPC: messages in, rules asked, upstream's status codes and words out."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, NoReturn, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from bbs.wire import locket_pb2 as wire
from components.locket.locks import Collision, Contended, Invalid, Locks, NotFound, NotSettled
from components.locket.rows import Row, TableUnavailable

Answer = TypeVar("Answer")
CODES = {
    Collision: grpc.StatusCode.ALREADY_EXISTS,
    NotFound: grpc.StatusCode.NOT_FOUND,
    Invalid: grpc.StatusCode.INVALID_ARGUMENT,
    Contended: grpc.StatusCode.UNAVAILABLE,
    NotSettled: grpc.StatusCode.UNAVAILABLE,
    TableUnavailable: grpc.StatusCode.UNAVAILABLE,
}
Context = grpc.aio.ServicerContext[Any, Any]
KIND_OF_CODE = {wire.LOCK: "lock", wire.PRESENCE: "presence"}
CODE_OF_KIND = {"lock": wire.LOCK, "presence": wire.PRESENCE}


class LocketService:
    """The four calls of models.Locket."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    async def Lock(self, request: wire.LockRequest, context: Context) -> wire.LockResponse:  # noqa: N802
        """Take or renew."""
        resource = request.resource
        kind = KIND_OF_CODE.get(resource.type_code, resource.type)
        ttl = request.ttl_in_seconds
        await _answer(context, self._locks.lock(resource.key, resource.owner, resource.value, kind, ttl))
        return wire.LockResponse()

    async def Fetch(self, request: wire.FetchRequest, context: Context) -> wire.FetchResponse:  # noqa: N802
        """One row."""
        return wire.FetchResponse(resource=_resource(await _answer(context, self._locks.fetch(request.key))))

    async def Release(self, request: wire.ReleaseRequest, context: Context) -> wire.ReleaseResponse:  # noqa: N802
        """Give up."""
        await _answer(context, self._locks.release(request.resource.key, request.resource.owner))
        return wire.ReleaseResponse()

    async def FetchAll(self, request: wire.FetchAllRequest, context: Context) -> wire.FetchAllResponse:  # noqa: N802
        """All rows of a type; the code is asked first, the word of older clients second."""
        kind = KIND_OF_CODE.get(request.type_code, request.type)
        if kind not in CODE_OF_KIND:
            await context.abort(grpc.StatusCode.NOT_FOUND, "invalid-type")
        rows = await _answer(context, self._locks.fetch_all(kind))
        return wire.FetchAllResponse(resources=[_resource(row) for row in rows])


def handlers(service: LocketService) -> grpc.GenericRpcHandler[Any, Any]:
    """The service by its wire name, for a gRPC server."""
    calls: dict[str, tuple[Any, Any]] = {
        "Lock": (service.Lock, wire.LockRequest),
        "Fetch": (service.Fetch, wire.FetchRequest),
        "Release": (service.Release, wire.ReleaseRequest),
        "FetchAll": (service.FetchAll, wire.FetchAllRequest),
    }
    methods = {
        name: grpc.unary_unary_rpc_method_handler(
            call, request_deserializer=request.FromString, response_serializer=_serialized
        )
        for name, (call, request) in calls.items()
    }
    return grpc.method_handlers_generic_handler("models.Locket", methods)


async def _answer(context: Context, call: Awaitable[Answer]) -> Answer:
    try:
        return await call
    except tuple(CODES) as error:
        await _abort(context, CODES[type(error)], str(error))


async def _abort(context: Context, code: grpc.StatusCode, text: str) -> NoReturn:
    await context.abort(code, text)
    raise AssertionError("abort always raises")


def _serialized(answer: Message) -> bytes:
    return answer.SerializeToString()


def _resource(row: Row) -> wire.Resource:
    code = CODE_OF_KIND.get(row.kind, wire.UNKNOWN)
    return wire.Resource(key=row.key, owner=row.owner, value=row.value, type=row.kind, type_code=code)
