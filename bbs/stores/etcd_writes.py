"""One commit as operations of one etcd transaction.

A row costs two operations, its value and its deadline (written or deleted, since one may stand from before); four more
carry the anchor, both side records and the touched keys. 60 rows make 124 of the 128 that a server takes by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from bbs.stores.admission import key_bytes
from bbs.stores.anchor import Anchor, encode_anchor
from bbs.stores.contract import Commit, DeleteIntent, DeleteRange, DeleteRow, DropRoot, Limits, PutRow, Write
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.etcd_keys import ANCHOR, INTENTS, SIDES, TOUCHED, deadlines_of, delete, end_of, put, rows_of, unwritten
from bbs.stores.fence import side_records

LIMITS = Limits(operations=60, payload_bytes=1_000_000, key_bytes=1280, row_bytes=1_550_000)
"""The greatest row leaves 20 KB of the 1.5 MiB of a request for its key and the anchor."""


def operations(commit: Commit) -> Iterator[pb.RequestOp]:
    """Everything that the commit writes."""
    yield put(ANCHOR, encode_anchor(commit.anchor))
    yield from sides(commit.expected, commit.anchor)
    if commit.touched is not None:
        yield put(TOUCHED, commit.touched)
    for write in commit.writes:
        yield from _write(write)


def conditions(commit: Commit) -> Iterator[pb.Compare]:
    """What must hold besides the fence."""
    if commit.unchanged is not None:
        root, since = commit.unchanged
        for prefix in (rows_of(root), deadlines_of(root)):
            yield unwritten(prefix, since)


def sides(before: Anchor | None, after: Anchor) -> Iterator[pb.RequestOp]:
    """The user-readable records that change with the anchor."""
    for name, value in side_records(before, after):
        yield delete(SIDES[name]) if value is None else put(SIDES[name], value)


def _write(write: Write) -> Iterator[pb.RequestOp]:
    match write:
        case PutRow(root, (key, value, deadline)):
            name = key_bytes(key)
            beside = deadlines_of(root) + name
            yield put(rows_of(root) + name, value)
            yield put(beside, b"%d" % deadline) if deadline else delete(beside)
        case DeleteRow(root, key):
            yield delete(rows_of(root) + key_bytes(key))
            yield delete(deadlines_of(root) + key_bytes(key))
        case DeleteRange(root, first, last):
            for prefix in (rows_of(root), deadlines_of(root)):
                yield delete(prefix + key_bytes(first), prefix + key_bytes(last) + b"\0")
        case DropRoot(root):
            for prefix in (rows_of(root), deadlines_of(root)):
                yield delete(prefix, end_of(prefix))
        case DeleteIntent(name):
            prefix = INTENTS + key_bytes(name) + b"/"
            yield delete(prefix, end_of(prefix))
