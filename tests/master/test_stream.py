"""Batches as frames, and who is told of them."""

from __future__ import annotations

import asyncio
import gc
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bbs.master import stream
from bbs.master.committer import Batch
from bbs.master.stream import FrameReader, Publisher, StreamError, Subscription, encode_batch

BATCHES = st.lists(
    st.builds(
        Batch,
        st.integers(1, 9),
        st.integers(0, 1 << 40),
        st.text(max_size=8),
        st.text(max_size=8),
        st.binary(max_size=60),
        st.booleans(),
    ),
    max_size=5,
)


def batch(seq: int, changes: bytes = b"x") -> Batch:
    return Batch(1, seq, f"b{seq}", "", changes)


@given(BATCHES, st.integers(1, 40))
def test_frames_arrive_whole_however_they_are_cut(batches: list[Batch], size: int) -> None:
    wire = b"".join(encode_batch(one) for one in batches)
    reader = FrameReader()
    found = [one for at in range(0, len(wire), size) for one in reader.feed(wire[at : at + size])]
    assert found == batches


def test_a_frame_of_another_version_is_refused() -> None:
    body = json.dumps({"stream": 2, "epoch": 1}).encode() + b"\n"
    with pytest.raises(StreamError, match="version 2"):
        FrameReader().feed(len(body).to_bytes(4, "big") + body)


@pytest.mark.parametrize("body", [b"", b"{}\n", b"[]\n", b"\xff\n", b'{"stream":1}\n', b'{"stream":1,"x":1}\n'])
def test_a_malformed_frame_is_refused(body: bytes) -> None:
    with pytest.raises(StreamError):
        FrameReader().feed(len(body).to_bytes(4, "big") + body)


def test_a_frame_that_claims_to_be_huge_is_refused_at_once() -> None:
    with pytest.raises(StreamError, match="larger"):
        FrameReader().feed((1 << 30).to_bytes(4, "big"))


async def taken(subscription: Subscription, number: int) -> list[int]:
    batches = subscription.batches()
    return [(await asyncio.wait_for(anext(batches), 1)).seq for _ in range(number)]


async def test_every_subscriber_hears_every_batch_in_order() -> None:
    publisher = Publisher()
    subscriptions = [publisher.subscribe() for _ in range(3)]
    for seq in (1, 2, 3):
        publisher.announce(batch(seq))
    assert [await taken(one, 3) for one in subscriptions] == [[1, 2, 3]] * 3


async def test_whoever_comes_later_hears_the_latest_batch_first() -> None:
    """It may not be in the store yet: a load would miss it."""
    publisher = Publisher()
    publisher.announce(batch(1))
    publisher.announce(batch(2))
    late = publisher.subscribe()
    publisher.announce(batch(3))
    assert await taken(late, 2) == [2, 3]


async def test_a_slow_standby_is_cut_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_BACKLOG_BYTES", 2000)
    publisher = Publisher()
    slow, quick = publisher.subscribe(), publisher.subscribe()
    for seq in range(8):
        publisher.announce(batch(seq, b"x" * 200))
        assert await taken(quick, 1) == [seq]
    assert slow.cut
    assert not quick.cut


async def test_a_subscription_that_nobody_reads_is_forgotten() -> None:
    """An answer that was withheld before its first byte leaves one behind."""
    publisher = Publisher()
    publisher.subscribe()
    gc.collect()
    assert len(publisher._subscriptions) == 0


async def test_the_end_of_an_epoch_ends_every_subscription() -> None:
    publisher = Publisher()
    subscription = publisher.subscribe()
    publisher.announce(batch(1))
    publisher.end()
    assert [one.seq async for one in subscription.batches()] == [1]


async def test_nothing_of_an_epoch_is_told_in_the_next() -> None:
    publisher = Publisher()
    publisher.announce(batch(1))
    publisher.end()
    later = publisher.subscribe()
    publisher.announce(batch(2))
    assert await taken(later, 1) == [2]


async def test_whoever_left_hears_nothing_more() -> None:
    publisher = Publisher()
    subscription = publisher.subscribe()
    publisher.leave(subscription)
    publisher.announce(batch(1))
    publisher.end()
    assert subscription._queue.empty()
