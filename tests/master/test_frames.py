"""The stream's frames, as a standby reads them from a master of whatever build."""

from __future__ import annotations

import pytest

from bbs.master.committer import Batch
from bbs.master.stream import FrameReader, StreamError, encode_batch

NULL = encode_batch(Batch(3, 1, "b", "d", b""))[4:].replace(b'"seq":1', b'"seq":null')


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def test_frames_are_read_however_they_are_cut() -> None:
    batches = [Batch(3, at, f"b-{at}", "d", b"x" * at) for at in range(4)]
    reader = FrameReader()
    read = [batch for byte in b"".join(map(encode_batch, batches)) for batch in reader.feed(bytes((byte,)))]
    assert read == batches


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}\n",
        b'{"stream":2}\n',
        b'{"stream":1,"epoch":3}\n',
        b"[" * 20_000,
        b"\xff\n",
        NULL,
        b'{"stream":1,"more":1}\n',
    ],
)
def test_a_frame_that_is_none_ends_the_stream(body: bytes) -> None:
    with pytest.raises(StreamError):
        FrameReader().feed(framed(body))


def test_a_frame_that_is_too_large_is_never_waited_for() -> None:
    with pytest.raises(StreamError, match="larger than"):
        FrameReader().feed(b"\xff\xff\xff\xff")
