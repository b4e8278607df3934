"""The etcd store: what a Diego deployment uses by default.

The fence is a comparison of the anchor's value. An anchor that another binary wrote in another byte form is still the
same fence, so the bytes that were seen for a fence are kept and compared. Source: docs/reference/store-etcd.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from bbs.stores.admission import admit, admit_chunk
from bbs.stores.anchor import Anchor, Epoch, encode_anchor
from bbs.stores.contract import (
    Applied,
    Claim,
    Claimed,
    Commit,
    CommitOutcome,
    Conflict,
    Deposed,
    Limits,
    Liveness,
    NotClaimed,
    Renewed,
    RootChanged,
    Space,
    StoreFull,
    StoreUnavailable,
)
from bbs.stores.etcd_client import EtcdClient, Secrets
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.etcd_keys import ANCHOR, LIVENESS, chunk_key, get, put, same, value_of
from bbs.stores.etcd_snapshot import EtcdSnapshot
from bbs.stores.etcd_writes import LIMITS, conditions, operations, sides
from bbs.stores.fence import (
    decode_liveness,
    encode_liveness,
    judge_commit,
    readable,
    releasing,
    renewal,
)

_FORMS = 4
"""How often a comparison is made anew because the same fence or value was stored in another byte form."""


class EtcdStore:
    """See contract.Store. `timeout` in seconds bounds every call to a member; one object per thread and event loop."""

    engine: str = "etcd"
    limits: Limits = LIMITS
    holds_by_lock: bool = False

    def __init__(self, endpoints: Sequence[str], secrets: Secrets | None = None, timeout: float = 5.0) -> None:
        self._client = EtcdClient(endpoints, secrets, timeout)
        self._anchors: dict[tuple[int, int], bytes] = {}
        self._liveness: bytes | None = None
        self._history: int | None = None

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[EtcdSnapshot]:
        """See contract.Store."""
        snapshot = await EtcdSnapshot.begin(self._client)
        self._remember(snapshot.raw_anchor)
        yield snapshot

    async def read_liveness(self) -> Liveness | None:
        """See contract.Store."""
        self._liveness = await self._read(LIVENESS)
        return _liveness(self._liveness)

    async def claim(self, claim: Claim) -> Claimed | NotClaimed:
        """See contract.Store."""
        for _ in range(_FORMS):
            response = await self._client.txn(self._claiming(claim))
            if response.succeeded:
                self._liveness = encode_liveness(claim.liveness)
                return Claimed()
            anchor, liveness = map(value_of, response.responses)
            if not _same_fence(self._remember(anchor), claim.expected_anchor):
                return NotClaimed()
            if (anchor is None) != (claim.expected_anchor is None) or _liveness(liveness) != claim.expected_liveness:
                return NotClaimed()
            self._liveness = liveness
        return NotClaimed()

    async def renew(self, epoch: Epoch, holder: str, counter: int) -> Renewed | Deposed:
        """See contract.Store."""
        return await self._replace_liveness(lambda seen: renewal(seen, epoch, holder, counter))

    async def release(self, epoch: Epoch, holder: str) -> Renewed | Deposed:
        """See contract.Store."""
        return await self._replace_liveness(lambda seen: releasing(seen, epoch, holder))

    async def commit(self, commit: Commit) -> CommitOutcome:
        """See contract.Store. Sent again only after a definite answer that showed the same fence in other bytes."""
        admit(commit, self.limits)
        writes = list(operations(commit))
        verdict: CommitOutcome = Conflict(None)
        for _ in range(_FORMS):
            form = self._stored_form(commit.expected)
            compare = [same(ANCHOR, form), *conditions(commit)]
            try:
                response = await self._client.txn(
                    pb.TxnRequest(compare=compare, success=writes, failure=[get(ANCHOR)]),
                )
            except StoreFull:
                return await self._after_full(commit)
            if response.succeeded:
                return Applied()
            raw = value_of(response.responses[0])
            if raw == form:
                message = f"the fence stands, but keys below {commit.unchanged} were written by somebody else"
                raise RootChanged(message)
            seen = self._remember(raw)
            verdict = judge_commit(seen, commit)
            if not isinstance(verdict, Conflict) or seen is None or not _same_fence(seen, commit.expected):
                return verdict
        return verdict

    async def _after_full(self, commit: Commit) -> CommitOutcome:
        """A server whose quota runs out while it applies a write refuses it, AND keeps it: the anchor tells.

        The server is done with this sending when it answers, so what a linearizable read shows is what became of it.
        """
        seen = self._remember(await self._read(ANCHOR))
        verdict = judge_commit(seen, commit)
        if isinstance(verdict, Conflict) and seen is not None and _same_fence(seen, commit.expected):
            message = "etcd: database space exceeded; nothing was written: compact, defragment and disarm the alarm"
            raise StoreFull(message)
        return verdict

    async def put_chunk(self, intent: str, index: int, chunk: bytes) -> None:
        """See contract.Store."""
        admit_chunk(intent, index, chunk, self.limits)
        await self._client.put(pb.PutRequest(key=chunk_key(intent, index), value=chunk))

    async def close(self) -> None:
        """See contract.Store."""
        await self._client.close()

    async def space(self) -> Space:
        """How full the server is; it stops taking writes at its quota."""
        status = await self._client.status()
        full = any(alarm.alarm == pb.NOSPACE for alarm in await self._client.alarms())
        return Space(status.db_size_in_use, status.db_size_quota, full)

    async def forget_history(self, *, physical: bool = False) -> None:
        """Compacts what was history at the LAST call: a snapshot younger than the time between calls stays readable."""
        before = self._history
        self._history = (await self._client.range(pb.RangeRequest(key=ANCHOR, count_only=True))).header.revision
        if before is not None and before < self._history:
            await self._client.compact(before, physical=physical)

    async def _read(self, key: bytes) -> bytes | None:
        found = (await self._client.range(pb.RangeRequest(key=key))).kvs
        return found[0].value if found else None

    async def _replace_liveness(
        self, decide: Callable[[Liveness | None], Liveness | Renewed | Deposed]
    ) -> Renewed | Deposed:
        """Decides on the value kept from the last call and lets the comparison confirm it; answers on a fresh one."""
        fresh = self._liveness is None
        for _ in range(_FORMS + 1):
            seen = await self._read(LIVENESS) if fresh and self._liveness is None else self._liveness
            verdict = decide(_liveness(seen))
            if not isinstance(verdict, Liveness):
                if fresh:
                    return verdict
                self._liveness, fresh = None, True
                continue
            raw = encode_liveness(verdict)
            request = pb.TxnRequest(
                compare=[same(LIVENESS, seen)], success=[put(LIVENESS, raw)], failure=[get(LIVENESS)]
            )
            response = await self._client.txn(request)
            if response.succeeded:
                self._liveness = raw
                return Renewed()
            self._liveness, fresh = value_of(response.responses[0]), True
        message = "the liveness record of this etcd changed at each attempt to renew it; is another program writing it?"
        raise StoreUnavailable(message)

    def _claiming(self, claim: Claim) -> pb.TxnRequest:
        anchor = self._stored_form(claim.expected_anchor) if claim.expected_anchor else None
        liveness = self._stored_liveness(claim.expected_liveness)
        return pb.TxnRequest(
            compare=[same(ANCHOR, anchor), same(LIVENESS, liveness)],
            success=[
                put(ANCHOR, encode_anchor(claim.anchor)),
                put(LIVENESS, encode_liveness(claim.liveness)),
                *sides(claim.expected_anchor, claim.anchor),
            ],
            failure=[get(ANCHOR), get(LIVENESS)],
        )

    def _stored_form(self, anchor: Anchor) -> bytes:
        return self._anchors.get(anchor.fence) or encode_anchor(anchor)

    def _stored_liveness(self, liveness: Liveness | None) -> bytes | None:
        if liveness is None:
            return None
        return self._liveness if self._liveness and _liveness(self._liveness) == liveness else encode_liveness(liveness)

    def _remember(self, raw: bytes | None) -> Anchor | None:
        """Keeps the bytes of the fence last seen, and reads them."""
        seen = readable(raw)
        if seen is not None and raw is not None:
            self._anchors = {seen.fence: raw}
        return seen


def _same_fence(seen: Anchor | None, expected: Anchor | None) -> bool:
    return (seen.fence if seen else None) == (expected.fence if expected else None)


def _liveness(raw: bytes | None) -> Liveness | None:
    return decode_liveness(raw) if raw is not None else None
