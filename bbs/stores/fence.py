"""The fence's verdicts: what an answer of an engine means for a commit, a claim or a renewal.

Pure, and shared by every engine: an engine compares and writes, these functions say what it saw.
Source of the rules: docs/reference/fence.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Literal

from bbs.stores.anchor import (
    Anchor,
    Epoch,
    MalformedAnchor,
    decode_anchor,
    key_label_record,
    version_record,
)
from bbs.stores.contract import (
    Applied,
    AppliedAndDeposed,
    Commit,
    CommitOutcome,
    Conflict,
    Deposed,
    Liveness,
    Renewed,
    StoreMisconfigured,
)

SideRecord = Literal["version", "key_label"]


def judge_commit(seen: Anchor | None, commit: Commit) -> CommitOutcome:
    """The outcome of a commit whose comparison failed; `seen` is the anchor read in the same transaction."""
    if seen is None or seen.batch_id != commit.anchor.batch_id or seen.epoch < commit.anchor.epoch:
        return Conflict(seen)
    return Applied() if seen.epoch == commit.anchor.epoch else AppliedAndDeposed(seen)


def side_records(before: Anchor | None, after: Anchor) -> Iterator[tuple[SideRecord, bytes | None]]:
    """The user-readable records that change with the anchor, None to delete one.

    Without an anchor before, both are written: what stood there was upstream's, and is now kept by us.
    """
    for name, form in (("version", version_record), ("key_label", key_label_record)):
        wanted = form(after)
        if before is None or form(before) != wanted:
            yield ("version" if name == "version" else "key_label"), wanted


def readable(data: bytes | None) -> Anchor | None:
    """The anchor of those bytes, None for absent or malformed: whoever compared and lost learns no more than that."""
    if data is None:
        return None
    try:
        return decode_anchor(data)
    except MalformedAnchor:
        return None


def encode_liveness(liveness: Liveness) -> bytes:
    """The liveness value as compact JSON; equal values give equal bytes."""
    return json.dumps(asdict(liveness), separators=(",", ":"), sort_keys=True).encode()


def decode_liveness(data: bytes) -> Liveness:
    """The liveness value of those bytes. Unknown members are dropped: each holder writes its own."""
    try:
        document = json.loads(data)
        return Liveness(
            epoch=int(document["epoch"]),
            holder=str(document["holder"]),
            url=str(document["url"]),
            counter=int(document["counter"]),
            ttl=float(document["ttl"]),
            released=bool(document.get("released", False)),
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        message = f"the liveness record is not readable: {error}; delete it when no BBS runs on this store"
        raise StoreMisconfigured(message) from error


def renewal(seen: Liveness | None, epoch: Epoch, holder: str, counter: int) -> Liveness | Renewed | Deposed:
    """What a renewal does about the value seen: write the returned value, or answer at once."""
    if seen is None or seen.released or (seen.epoch, seen.holder) != (epoch, holder):
        return Deposed(seen)
    if seen.counter == counter + 1:
        return Renewed(repeated=True)
    if seen.counter != counter:
        return Deposed(seen)
    return replace(seen, counter=counter + 1)


def releasing(seen: Liveness | None, epoch: Epoch, holder: str) -> Liveness | Renewed | Deposed:
    """What a release does about the value seen: write the returned value, or answer at once."""
    if seen is None or (seen.epoch, seen.holder) != (epoch, holder):
        return Deposed(seen)
    return Renewed(repeated=True) if seen.released else replace(seen, released=True)
