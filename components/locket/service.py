"""Locket on gRPC: messages in, rules asked, upstream's status codes and words out."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, NoReturn, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from bbs.stores.contract import StoreError
from bbs.stores.locks import LockRecord
from bbs.wire import locket_pb2 as wire
from components.locket.locks import LOCK, PRESENCE, Collision, Contended, Invalid, Locks, NotFound, NotSettled

Answer = TypeVar("Answer")
CODES = {
    Collision: grpc.StatusCode.ALREADY_EXISTS,
    NotFound: grpc.StatusCode.NOT_FOUND,
    Invalid: grpc.StatusCode.INVALID_ARGUMENT,
    Contended: grpc.StatusCode.UNAVAILABLE,
    NotSettled: grpc.StatusCode.UNAVAILABLE,
    StoreError: grpc.StatusCode.UNAVAILABLE,
}
Context = grpc.aio.ServicerContext[Any, Any]
WORDS = {LOCK: "lock", PRESENCE: "presence"}
KINDS = {word: kind for kind, word in WORDS.items()}
"""Older clients send the word instead of the code."""


class LocketService:
    """The four calls of models.Locket."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    async def Lock(self, request: wire.LockRequest, context: Context) -> wire.LockResponse:  # noqa: N802
        """Take or renew."""
        resource = request.resource
        kind = resource.type_code or KINDS.get(resource.type, 0)
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
        kind = request.type_code or KINDS.get(request.type, 0)
        if kind not in WORDS:
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
        code = next(code for kind, code in CODES.items() if isinstance(error, kind))
        await _abort(context, code, str(error))


async def _abort(context: Context, code: grpc.StatusCode, text: str) -> NoReturn:
    await context.abort(code, text)
    raise AssertionError("abort always raises")


def _serialized(answer: Message) -> bytes:
    return answer.SerializeToString()


def _resource(row: LockRecord) -> wire.Resource:
    resource = wire.Resource(key=row.key, owner=row.owner, value=row.value, type=WORDS.get(row.type, ""))
    resource.type_code = row.type  # type: ignore[assignment]  # the table keeps the number of the wire
    return resource
