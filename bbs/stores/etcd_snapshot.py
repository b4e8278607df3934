"""One moment of an etcd store: everything is read at the revision of the first, linearizable read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from bbs.layouts.contract import Row
from bbs.stores.admission import key_bytes, key_text
from bbs.stores.anchor import Anchor, decode_anchor
from bbs.stores.contract import Liveness, Survey
from bbs.stores.etcd_client import EtcdClient
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.etcd_keys import (
    ANCHOR,
    INTENTS,
    KEY_LABEL,
    LIVENESS,
    TOUCHED,
    VERSION,
    deadlines_of,
    end_of,
    get,
    rows_of,
    value_of,
)
from bbs.stores.etcd_stride import Stride
from bbs.stores.fence import decode_liveness
from bbs.stores.roots import parse_root

_SMALL = (ANCHOR, LIVENESS, TOUCHED, VERSION, KEY_LABEL)
_KEYS_A_READ = 60


class EtcdSnapshot:
    """See contract.Snapshot. Raises StoreUnavailable too when the revision was compacted meanwhile: take a new one."""

    def __init__(self, client: EtcdClient, revision: int, small: dict[bytes, bytes | None]) -> None:
        self._client = client
        self._revision = revision
        self._small = small

    @classmethod
    async def begin(cls, client: EtcdClient) -> EtcdSnapshot:
        """Reads the small records at once, and pins their revision."""
        response = await client.read_txn(pb.TxnRequest(success=[get(key) for key in _SMALL]))
        small = dict(zip(_SMALL, map(value_of, response.responses), strict=True))
        return cls(client, response.header.revision, small)

    @property
    def revision(self) -> int | None:
        """See contract.Snapshot."""
        return self._revision

    async def anchor(self) -> Anchor | None:
        """See contract.Snapshot."""
        raw = self.raw_anchor
        return decode_anchor(raw) if raw is not None else None

    @property
    def raw_anchor(self) -> bytes | None:
        """The anchor's bytes as stored, which is what a commit compares."""
        return self._small[ANCHOR]

    async def liveness(self) -> Liveness | None:
        """See contract.Snapshot."""
        raw = self._small[LIVENESS]
        return decode_liveness(raw) if raw is not None else None

    async def touched(self) -> bytes | None:
        """See contract.Snapshot."""
        return self._small[TOUCHED]

    async def survey(self) -> Survey:
        """See contract.Snapshot. One keys-only read for each root: it jumps from root to root."""
        roots, foreign = set(), []
        cursor = b"/v"
        while (key := await self._first_key(cursor, b"/w")) is not None:
            name, slash, _ = key[1:].partition(b"/")
            root = key_text(name)
            if not slash:
                cursor = key + b"\0"
                continue
            cursor = end_of(b"/" + name + b"/")
            if parse_root(root) is not None:
                roots.add(root)
            elif name[1:2].isdigit():
                foreign.append(f"/{root}/")
        return Survey(frozenset(roots), self._small[VERSION], self._small[KEY_LABEL] or None, tuple(foreign))

    async def scan(self, root: str) -> AsyncIterator[list[Row]]:
        """See contract.Snapshot."""
        rows, deadlines = rows_of(root), deadlines_of(root)
        stride = Stride(rows)
        while not stride.done:
            found, beside = await self._step(stride, rows, deadlines)
            keys = [pair.key for pair in found.kvs]
            stride.passed(keys, sum(len(pair.value) for pair in found.kvs), more=found.more)
            if keys:
                yield _merge(rows, deadlines, found.kvs, beside.kvs)

    async def rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        """See contract.Snapshot."""
        prefixes = rows_of(root), deadlines_of(root)
        found: list[Row] = []
        for at in range(0, len(keys), _KEYS_A_READ):
            names = [key_bytes(key) for key in keys[at : at + _KEYS_A_READ]]
            request = pb.TxnRequest(success=[self._pinned(prefix + name) for prefix in prefixes for name in names])
            answers = [answer.response_range for answer in (await self._client.read_txn(request)).responses]
            values = [pair for answer in answers[: len(names)] for pair in answer.kvs]
            found += _merge(*prefixes, values, [pair for answer in answers[len(names) :] for pair in answer.kvs])
        return found

    async def chunks(self, intent: str) -> list[bytes]:
        """See contract.Snapshot. One read a chunk, since a chunk may be as big as a request."""
        prefix = INTENTS + key_bytes(intent) + b"/"
        cursor = prefix
        found: list[bytes] = []
        while True:
            response = await self._client.range(self._range(cursor, end_of(prefix), limit=1))
            if not response.kvs:
                return found
            found.append(response.kvs[0].value)
            cursor = response.kvs[0].key + b"\0"

    async def intents(self) -> frozenset[str]:
        """See contract.Snapshot."""
        names = set()
        cursor = INTENTS
        while (key := await self._first_key(cursor, end_of(INTENTS))) is not None:
            name = key[len(INTENTS) :].partition(b"/")[0]
            names.add(key_text(name))
            cursor = end_of(INTENTS + name + b"/")
        return frozenset(names)

    async def _step(self, stride: Stride, rows: bytes, deadlines: bytes) -> tuple[pb.RangeResponse, pb.RangeResponse]:
        """Rows of one step with their deadlines. Deadlines are a part of the rows' keys: the same limit covers them."""
        start, stop = stride.start, stride.stop
        beside = deadlines + start[len(rows) :]
        beside_stop = deadlines + stop[len(rows) :] if stop.startswith(rows) else end_of(deadlines)
        request = pb.TxnRequest(
            success=[
                self._pinned(start, stop, limit=stride.limit),
                self._pinned(beside, beside_stop, limit=stride.limit),
            ]
        )
        answers = (await self._client.read_txn(request)).responses
        return answers[0].response_range, answers[1].response_range

    async def _first_key(self, start: bytes, end: bytes) -> bytes | None:
        response = await self._client.range(self._range(start, end, limit=1, keys_only=True))
        return response.kvs[0].key if response.kvs else None

    def _pinned(self, start: bytes, end: bytes = b"", limit: int = 0) -> pb.RequestOp:
        return pb.RequestOp(request_range=self._range(start, end, limit=limit))

    def _range(self, start: bytes, end: bytes, *, limit: int = 0, keys_only: bool = False) -> pb.RangeRequest:
        return pb.RangeRequest(key=start, range_end=end, limit=limit, keys_only=keys_only, revision=self._revision)


def _merge(rows: bytes, deadlines: bytes, values: Sequence[pb.KeyValue], beside: Sequence[pb.KeyValue]) -> list[Row]:
    times = {pair.key[len(deadlines) :]: int(pair.value) for pair in beside}
    named = ((pair.key[len(rows) :], pair.value) for pair in values)
    return [Row(key_text(key), value, times.get(key, 0)) for key, value in named]
