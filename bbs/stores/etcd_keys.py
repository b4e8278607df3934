"""Keys of an etcd store, and the requests that its modules are built of.

Upstream's keys keep upstream's names (`/version`, `/encryption-key`, `/v1/...`); everything else of ours lies under
`/diego/`, and a root under its own name. Source: docs/reference/store-etcd.md.
"""

from __future__ import annotations

from bbs.stores.admission import key_bytes
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.fence import SideRecord

ANCHOR = b"/diego/anchor"
LIVENESS = b"/diego/liveness"
TOUCHED = b"/diego/touched"
INTENTS = b"/diego/intent/"
LOCKS = b"/diego/locket/"
VERSION = b"/version"
KEY_LABEL = b"/encryption-key"
SIDES: dict[SideRecord, bytes] = {"version": VERSION, "key_label": KEY_LABEL}


def rows_of(root: str) -> bytes:
    """The prefix of a root's rows."""
    return f"/{root}/".encode()


def deadlines_of(root: str) -> bytes:
    """The prefix of a root's deadlines, beside the rows and never a lease."""
    return f"/diego/deadline@{root}/".encode()


def chunk_key(intent: str, index: int) -> bytes:
    """The key of one chunk; ten digits, so that the order of keys is the order of chunks."""
    return INTENTS + key_bytes(intent) + b"/%010d" % index


def end_of(prefix: bytes) -> bytes:
    """The first key behind all keys with this prefix. Every prefix of ours ends with a slash."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def get(key: bytes) -> pb.RequestOp:
    """Reads one key."""
    return pb.RequestOp(request_range=pb.RangeRequest(key=key))


def put(key: bytes, value: bytes) -> pb.RequestOp:
    """Writes one key."""
    operation = pb.RequestOp()
    written = operation.request_put
    written.key, written.value = key, value
    return operation


def delete(key: bytes, end: bytes = b"") -> pb.RequestOp:
    """Deletes one key, or the range up to but without `end`."""
    operation = pb.RequestOp()
    deleted = operation.request_delete_range
    deleted.key, deleted.range_end = key, end
    return operation


def same(key: bytes, value: bytes | None) -> pb.Compare:
    """Holds when the key has exactly this value, or is absent for None."""
    if value is None:
        return pb.Compare(result=pb.Compare.EQUAL, target=pb.Compare.VERSION, key=key, version=0)
    return pb.Compare(result=pb.Compare.EQUAL, target=pb.Compare.VALUE, key=key, value=value)


def unwritten(prefix: bytes, since: int) -> pb.Compare:
    """Holds when no key with this prefix was written after that revision; keys that are gone are not seen."""
    return pb.Compare(
        result=pb.Compare.LESS, target=pb.Compare.MOD, key=prefix, range_end=end_of(prefix), mod_revision=since + 1
    )


def value_of(response: pb.ResponseOp) -> bytes | None:
    """What a `get` found."""
    found = response.response_range.kvs
    return found[0].value if found else None
