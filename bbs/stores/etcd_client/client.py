"""The client: members in turn, a version check before the first call, reads repeated on another member.

Writes are sent once: after a cut connection only the caller knows how to repeat them safely. One object belongs to one
event loop; another thread makes its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from google.protobuf.message import Message

from bbs.stores.contract import StoreMisconfigured, StoreUnavailable
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.etcd_client.diagnosis import diagnose
from bbs.stores.etcd_client.member import Member, Secrets

Answer = TypeVar("Answer", bound=Message)

_OLDEST = (3, 4)
_KV = "/etcdserverpb.KV/"
_MAINTENANCE = "/etcdserverpb.Maintenance/"


class EtcdClient:
    """A client of one etcd cluster. `timeout` in seconds bounds each call to a member."""

    def __init__(self, endpoints: Sequence[str], secrets: Secrets | None = None, timeout: float = 5.0) -> None:
        if not endpoints:
            message = "no etcd endpoint is configured; wanted store.etcd.endpoints: [https://host:2379]"
            raise StoreMisconfigured(message)
        self._members = [Member(endpoint, secrets) for endpoint in endpoints]
        self._secrets = secrets
        self._timeout = timeout
        self._current = 0
        self._known: set[str] = set()
        self._closed = False

    async def range(self, request: pb.RangeRequest) -> pb.RangeResponse:
        """Keys and values of a range."""
        return await self._read(_KV + "Range", request, pb.RangeResponse)

    async def read_txn(self, request: pb.TxnRequest) -> pb.TxnResponse:
        """A transaction that only reads; repeated on another member when one fails."""
        return await self._read(_KV + "Txn", request, pb.TxnResponse)

    async def txn(self, request: pb.TxnRequest) -> pb.TxnResponse:
        """A transaction, sent once. StoreUnavailable: it may have been applied, or may yet be."""
        return await self._once(_KV + "Txn", request, pb.TxnResponse)

    async def put(self, request: pb.PutRequest) -> pb.PutResponse:
        """Writes one key, sent once."""
        return await self._once(_KV + "Put", request, pb.PutResponse)

    async def delete(self, request: pb.DeleteRangeRequest) -> pb.DeleteRangeResponse:
        """Deletes a range, sent once."""
        return await self._once(_KV + "DeleteRange", request, pb.DeleteRangeResponse)

    async def compact(self, revision: int, *, physical: bool = False) -> None:
        """Forgets what lies before `revision`; `physical` waits until the space is free for reuse."""
        request = pb.CompactionRequest(revision=revision, physical=physical)
        await self._once(_KV + "Compact", request, pb.CompactionResponse)

    async def status(self) -> pb.StatusResponse:
        """Version, sizes in bytes and quota (0 before etcd 3.6) of the member in use."""
        return await self._read(_MAINTENANCE + "Status", pb.StatusRequest(), pb.StatusResponse)

    async def alarms(self) -> list[pb.AlarmMember]:
        """The alarms that are raised: NOSPACE, CORRUPT."""
        request = pb.AlarmRequest(action=pb.AlarmRequest.GET)
        return list((await self._read(_MAINTENANCE + "Alarm", request, pb.AlarmResponse)).alarms)

    async def close(self) -> None:
        """Cancels what is in flight; later calls raise StoreUnavailable."""
        self._closed = True
        for member in self._members:
            await member.close()

    async def _read(self, path: str, request: Message, answer: type[Answer]) -> Answer:
        for _ in self._members[1:]:
            try:
                return await self._once(path, request, answer)
            except StoreUnavailable:
                continue
        return await self._once(path, request, answer)

    async def _once(self, path: str, request: Message, answer: type[Answer]) -> Answer:
        if self._closed:
            message = f"the client of etcd {self._members[0].endpoint} was closed"
            raise StoreUnavailable(message)
        member = self._members[self._current]
        try:
            if member.endpoint not in self._known:
                await self._know(member)
            return await member.call(path, request, answer, self._timeout)
        except StoreUnavailable:
            if self._members[self._current] is member:
                self._current = (self._current + 1) % len(self._members)
            raise

    async def _know(self, member: Member) -> None:
        """Before the first call on a member: is it an etcd that has what we need?"""
        try:
            status = await member.call(_MAINTENANCE + "Status", pb.StatusRequest(), pb.StatusResponse, self._timeout)
        except StoreUnavailable as error:
            raise await diagnose(member, self._secrets, error, self._timeout) from error
        numbers = status.version.split(".")
        if len(numbers) < 3 or not all(number.isdigit() for number in numbers[:2]):
            message = (
                f"{member.endpoint} says version {status.version!a}, which is no etcd's; correct store.etcd.endpoints"
            )
            raise StoreMisconfigured(message)
        if (int(numbers[0]), int(numbers[1])) < _OLDEST:
            message = f"etcd {member.endpoint} is version {status.version}; at least 3.4 is needed: upgrade it"
            raise StoreMisconfigured(message)
        self._known.add(member.endpoint)
