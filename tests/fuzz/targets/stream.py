"""The commit stream as a standby reads it. Input: how it arrives in pieces, then its bytes."""

from __future__ import annotations

from random import Random

from bbs.master.chain import decode_changes, encode_changes
from bbs.master.committer import Batch
from bbs.master.stream import FrameReader, StreamError, encode_batch
from bbs.models.records import delete, put
from tests.fuzz.corpus import records
from tests.fuzz.target import Target

MEMBERS = {"epoch": int, "seq": int, "batch_id": str, "previous_digest": str, "changes": bytes, "reload": bool}


def check(data: bytes) -> None:
    """Batches with the right members, or StreamError; changes, or ValueError."""
    dice, reader, at, content = Random(data[:1]), FrameReader(), 0, data[1:]
    while at < len(content):
        size = dice.randint(1, 2000)
        try:
            batches = reader.feed(content[at : at + size])
        except StreamError:
            return
        at += size
        for batch in batches:
            _require_whole(batch)


def _require_whole(batch: Batch) -> None:
    for name, kind in MEMBERS.items():
        assert type(getattr(batch, name)) is kind, f"{name} is {getattr(batch, name)!r}"
    try:
        changes = decode_changes(batch.changes)
    except ValueError:
        return
    assert decode_changes(encode_changes(changes)) == changes


def _seeds() -> list[bytes]:
    puts = [put(record) for record in records()[:12]]
    gone = [delete(change.kind, change.key) for change in puts]
    batches = [
        Batch(3, 8 + at, f"b-{at}", "ab" * 32, encode_changes(changes))
        for at, changes in enumerate((puts[:1], puts[1:3] + gone[:2], gone, [], puts))
    ]
    frames = [encode_batch(batch) for batch in batches]
    return [bytes((at,)) + frame for at, frame in enumerate((*frames, b"".join(frames[:4])))]


TARGET = Target(
    "stream",
    "a frame is a batch with its members, or StreamError",
    _seeds(),
    check,
    words=(b'{"stream":1,', b'"epoch":', b'"seq":null', b'"reload":true', b"\n", b"\0\0\0\1", b"[" * 5000, b"1e999"),
)
