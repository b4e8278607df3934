"""Admission: what no store is asked to write, decided before anything is sent.

Pure and the same for every engine, so that a batch which one store takes is taken by all of them. Each refusal depends
on the content alone: repeating it gives the same answer (contract: StoreRefused).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bbs.stores.contract import (
    Commit,
    DeleteIntent,
    DeleteRange,
    DeleteRow,
    DropRoot,
    Limits,
    PutRow,
    StoreRefused,
    Write,
)
from bbs.stores.roots import parse_root

_HIGHEST_DEADLINE = 2**63 - 1


TOUCHED_BYTES = 250_000
"""Longest record of touched keys. Each engine's payload limit leaves room for it, for all keys and for the anchor."""


def operations(writes: Sequence[Write]) -> int:
    """How many writes count against the limit: all but one DeleteIntent, which rides along with the last slice."""
    return len(writes) - any(isinstance(write, DeleteIntent) for write in writes)


def payload(writes: Sequence[Write]) -> int:
    """Bytes of values, which alone count against the limit: keys are bounded by their own."""
    return sum(len(write.row.value) for write in writes if isinstance(write, PutRow))


def _rows(writes: Sequence[Write]) -> int:
    return sum(isinstance(write, PutRow) for write in writes)


def key_bytes(key: str) -> bytes:
    """The stored form of a key, whose byte order is the order of rows: UTF-8, or the very bytes that were no UTF-8.

    Raises StoreRefused for a surrogate that stands for no byte.
    """
    try:
        return key.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        message = f"the key {key!a} is not valid Unicode and can't be stored"
        raise StoreRefused(message) from error


def key_text(key: bytes) -> str:
    """The inverse of `key_bytes`."""
    return key.decode("utf-8", "surrogateescape")


def admit(commit: Commit, limits: Limits) -> None:
    """Raises StoreRefused when the commit can't be written as one transaction, naming the first reason."""
    if (count := operations(commit.writes)) > limits.operations:
        message = f"{count} writes in one commit, at most {limits.operations} fit: cut it, or use an intent"
        raise StoreRefused(message)
    if (size := payload(commit.writes)) > (limits.row_bytes if _rows(commit.writes) == 1 else limits.payload_bytes):
        message = f"{size} bytes of values in one commit, at most {limits.payload_bytes} fit: cut it, or use an intent"
        raise StoreRefused(message)
    if commit.touched and size > limits.payload_bytes:
        message = f"a row of {size} bytes goes alone: no touched keys with it"
        raise StoreRefused(message)
    if len(commit.touched or b"") > TOUCHED_BYTES:
        message = f"the record of touched keys is longer than {TOUCHED_BYTES} bytes: keep fewer batches in it"
        raise StoreRefused(message)
    for write in commit.writes:
        _admit_write(write, limits)
        if isinstance(write, DropRoot) and write.root not in commit.expected.dropping:
            # Where DDL can't be rolled back, a table may go late: only what was given up for good before may be named.
            message = f"the root {write.root} is dropped without having been announced in the anchor before"
            raise StoreRefused(message)
    _admit_once(commit.writes)


def admit_chunk(intent: str, index: int, chunk: bytes, limits: Limits) -> None:
    """Raises StoreRefused for a chunk that no commit of this store could carry or a name that can't be a key."""
    if not intent or "/" in intent or len(key_bytes(intent)) > limits.key_bytes or index < 0:
        message = f"{intent!a} number {index} is no name of an intent's chunk"
        raise StoreRefused(message)
    if len(chunk) > limits.payload_bytes:
        message = f"a chunk of {len(chunk)} bytes, at most {limits.payload_bytes} fit: cut it smaller"
        raise StoreRefused(message)


def _admit_write(write: Write, limits: Limits) -> None:
    match write:
        case PutRow(root, row):
            _admit_root(root)
            _admit_key(row.key, limits)
            if not 0 <= row.deadline <= _HIGHEST_DEADLINE:
                message = f"the deadline {row.deadline} of {row.key!a} is no time in nanoseconds"
                raise StoreRefused(message)
        case DeleteRow(root, key):
            _admit_root(root)
            _admit_key(key, limits)
        case DeleteRange(root, _, _) | DropRoot(root):
            _admit_root(root)
        case DeleteIntent(name):
            if not name or "/" in name:
                message = f"{name!a} is no name of an intent"
                raise StoreRefused(message)


def _admit_root(root: str) -> None:
    if parse_root(root) is None:
        message = f"{root!a} is no name of a root; wanted v1 or v<version>@<epoch>-<n>"
        raise StoreRefused(message)


def _admit_key(key: str, limits: Limits) -> None:
    if not 0 < len(key_bytes(key)) <= limits.key_bytes:
        message = f"the key {key[:64]!a}... has {len(key_bytes(key))} bytes, wanted 1 to {limits.key_bytes}"
        raise StoreRefused(message)


def _admit_once(writes: Iterable[Write]) -> None:
    """No row is named twice: etcd refuses that in one transaction, and the order of writes would become a meaning."""
    rows: set[tuple[str, str]] = set()
    ranges: list[tuple[str, str, str | None]] = []
    for write in writes:
        match write:
            case PutRow(root, row):
                _admit_new(rows, root, row.key)
            case DeleteRow(root, key):
                _admit_new(rows, root, key)
            case DeleteRange(root, first, last):
                ranges.append((root, first, last))
            case DropRoot(root):
                ranges.append((root, "", None))
            case DeleteIntent():
                pass
    for root, first, end in ranges:
        for other, key in rows:
            if other == root and first <= key and (end is None or key <= end):
                message = f"the row {key!a} of {root} is written and lies in a range deleted by the same commit"
                raise StoreRefused(message)


def _admit_new(rows: set[tuple[str, str]], root: str, key: str) -> None:
    if (root, key) in rows:
        message = f"the row {key!a} of {root} is written twice in one commit"
        raise StoreRefused(message)
    rows.add((root, key))
