"""Locket's locks in etcd: one JSON record under `/diego/locket/<key>`.

The comparison is of the key's mod_revision, read together with a record that carries the expected modification: what
stands at that revision is exactly what was read, whatever bytes it has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from bbs.stores.contract import StoreUnavailable
from bbs.stores.etcd_client import EtcdClient, Secrets
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.etcd_keys import LOCKS, delete, end_of, get, put
from bbs.stores.locks import LockRecord, Modification

_NAMES = [field.name for field in fields(LockRecord)]
_PAGE = 500
_ATTEMPTS = 3


class EtcdLocks:
    """See locks.LockTable. `timeout` in seconds bounds each call to a member."""

    def __init__(self, endpoints: Sequence[str], secrets: Secrets | None = None, timeout: float = 5.0) -> None:
        self._client = EtcdClient(endpoints, secrets, timeout)

    async def get(self, key: str) -> LockRecord | None:
        """See locks.LockTable."""
        found = await self._read(key)
        return _decode(found) if found else None

    async def list(self) -> list[LockRecord]:
        """See locks.LockTable. Some thousand records at most, so that paging by limit is no matter."""
        records: list[LockRecord] = []
        start, revision = LOCKS, 0
        while True:
            request = pb.RangeRequest(key=start, range_end=end_of(LOCKS), limit=_PAGE, revision=revision)
            page = await self._client.range(request)
            records += map(_decode, page.kvs)
            if not page.more:
                return records
            start, revision = page.kvs[-1].key + b"\0", revision or page.header.revision

    async def put_if(self, record: LockRecord, expected: Modification | None) -> bool:
        """See locks.LockTable."""
        value = json.dumps(asdict(record), separators=(",", ":"), sort_keys=True).encode()
        return await self._change(record.key, expected, put(LOCKS + record.key.encode(), value))

    async def delete_if(self, key: str, expected: Modification) -> bool:
        """See locks.LockTable."""
        return await self._change(key, expected, delete(LOCKS + key.encode()))

    async def close(self) -> None:
        """See locks.LockTable."""
        await self._client.close()

    async def _read(self, key: str) -> pb.KeyValue | None:
        found = (await self._client.range(pb.RangeRequest(key=LOCKS + key.encode()))).kvs
        return found[0] if found else None

    async def _change(self, key: str, expected: Modification | None, write: pb.RequestOp) -> bool:
        found = await self._read(key) if expected else None
        for _ in range(_ATTEMPTS):
            if (_decode(found).modification if found else None) != expected:
                return False
            at = found.mod_revision if found else 0
            name = LOCKS + key.encode()
            compare = pb.Compare(result=pb.Compare.EQUAL, target=pb.Compare.MOD, key=name, mod_revision=at)
            request = pb.TxnRequest(compare=[compare], success=[write], failure=[get(name)])
            response = await self._client.txn(request)
            if response.succeeded:
                return True
            kvs = response.responses[0].response_range.kvs
            found = kvs[0] if kvs else None
        message = f"the lock {key} in etcd changes at each attempt to write it without a new modification"
        raise StoreUnavailable(message)


def _decode(found: pb.KeyValue) -> LockRecord:
    document = json.loads(found.value)
    return LockRecord(**{name: document[name] for name in _NAMES})
